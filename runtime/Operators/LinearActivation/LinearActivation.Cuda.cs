using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate AddBiasActivateTemplate = new("linearactivation.cu", "addBiasActivate", ActivationFunctions);

    /// <inheritdoc/>
    protected override void LinearActivation(
        Location x, Location weight, Location bias, Activation activation, Location before, Location y, int rows, int inWidth, int outWidth)
    {
        if (rows == 0
            || (before.IsNone
                && TryMultiplyFewRows(x, weight, bias, activation, default, y, rows, inWidth, outWidth, nameof(LinearActivation))))
            return;
        var sum = before.IsNone ? y : before;
        var product = new FusedProduct(
            rows, outWidth, inWidth, MatrixAt(x, inWidth), MatrixAt(weight, inWidth, transposed: true), MatrixAt(sum, outWidth))
        {
            Vector = Address(bias),
        };
        if (Ending(activation, hasBias: !bias.IsNone, isKept: !before.IsNone) is { } ending && TryMultiply(
            ProductFusions.Activation, product with { Ending = ending, Result = MatrixAt(y, outWidth), Second = Address(before) },
            nameof(LinearActivation)))
            return;
        if (!bias.IsNone && !TryMultiply(ProductFusions.Bias, product with { Ending = ProductEnding.Bias }, nameof(LinearActivation)))
        {
            Multiply(product, nameof(LinearActivation));
            var (kept, added, to) = (Address(before), Address(bias), Address(y));
            Launch(
                AddBiasActivateKernel(activation, !before.IsNone), RowsUnderBias(rows, outWidth), BlockThreads,
                [kept, added, to, rows, outWidth, Vector(outWidth, kept, added, to) == types.Wide ? 1 : 0]);
            return;
        }

        if (bias.IsNone)
            Multiply(product, nameof(LinearActivation));
        Activate(activation, sum, y, (nint)rows * outWidth);
    }

    /// <inheritdoc/>
    protected override void LinearBackwardActivation(
        Location dy, Location weight, Activation activation, Location before, Location dBefore, int rows, int inWidth, int outWidth)
    {
        if (activation == Activation.GeluTanh && TryMultiply(
            ProductFusions.ActivationGradient,
            new(rows, inWidth, outWidth, MatrixAt(dy, outWidth), MatrixAt(weight, inWidth), MatrixAt(dBefore, inWidth))
            {
                Ending = ProductEnding.GeluBackward,
                Second = Address(before),
            },
            nameof(LinearBackwardActivation)))
            return;
        base.LinearBackwardActivation(dy, weight, activation, before, dBefore, rows, inWidth, outWidth);
    }

    private static IEnumerable<KernelKey> LinearActivationKernels(OperatorUse use, PreparedModel model) =>
        [
            ActivateKernel(use.Activation), AddBiasActivateKernel(use.Activation, isKept: true), AddBiasActivateKernel(use.Activation, isKept: false),
            FewRowsKernel(use.Widths[^1], use.Activation, BufferRole.Activation),
        ];

    private static KernelKey AddBiasActivateKernel(Activation activation, bool isKept) =>
        AddBiasActivateTemplate.With((int)activation, isKept ? 1 : 0);

    /// <summary>The ending that is an activation function; null where there is none. Of relu's argument none keeps more than the sign.</summary>
    private static ProductEnding? Ending(Activation activation, bool hasBias, bool isKept) => (activation, hasBias, isKept) switch
    {
        (Activation.GeluTanh, true, true) => ProductEnding.GeluBiasKept,
        (Activation.GeluTanh, true, false) => ProductEnding.GeluBias,
        (Activation.GeluTanh, false, true) => ProductEnding.GeluKept,
        (Activation.GeluTanh, false, false) => ProductEnding.Gelu,
        (Activation.Relu, true, false) => ProductEnding.ReluBias,
        (Activation.Relu, false, false) => ProductEnding.Relu,
        _ => null,
    };
}
