using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate AddBiasResidualTemplate = new("linearresidual.cu", "addBiasResidual");

    private static IEnumerable<KernelKey> LinearResidualKernels(OperatorUse use, PreparedModel model) =>
        [
            .. ResidualKernels, AddBiasResidualTemplate.With(0), AddBiasResidualTemplate.With(1),
            FewRowsKernel(use.Widths[^1], null, BufferRole.Activation),
        ];

    /// <inheritdoc/>
    protected override void LinearResidual(
        Location x, Location weight, Location bias, Location residual, DropoutSite dropout, Location y, int rows, int inWidth, int outWidth)
    {
        if (rows == 0
            || (!dropout.IsActive
                && TryMultiplyFewRows(x, weight, bias, null, residual, y, rows, inWidth, outWidth, nameof(LinearResidual))))
            return;
        var product = new FusedProduct(
            rows, outWidth, inWidth, MatrixAt(x, inWidth), MatrixAt(weight, inWidth, transposed: true), MatrixAt(y, outWidth))
        {
            Ending = bias.IsNone ? ProductEnding.None : ProductEnding.Bias,
            Vector = Address(bias),
        };
        if (!dropout.IsActive
            && TryMultiply(ProductFusions.Residual, product with { Added = Address(residual) }, nameof(LinearResidual)))
            return;
        if (!bias.IsNone && !TryMultiply(ProductFusions.Bias, product, nameof(LinearResidual)))
        {
            Multiply(product, nameof(LinearResidual));
            var (stem, added, to) = (Address(residual), Address(bias), Address(y));
            var mask = new DropoutArguments(dropout);
            Launch(
                AddBiasResidualTemplate.With(mask.Active), RowsUnderBias(rows, outWidth), BlockThreads,
                [
                    stem, added, to, rows, outWidth, Vector(outWidth, stem, added, to) == types.Wide ? 1 : 0, mask.Key, mask.Place, mask.Threshold,
                    mask.Scale,
                ]);
            return;
        }

        if (bias.IsNone)
            Multiply(product, nameof(LinearResidual));
        ResidualAdd(residual, y, dropout, y, (nint)rows * outWidth);
    }
}
