using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>What comes before every kernel that applies an activation function.</summary>
    private const string ActivationFunctions = "activation.cuh";

    internal static readonly KernelTemplate ActivateTemplate = new("activation.cu", "activate", ActivationFunctions);
    internal static readonly KernelTemplate ActivateBackwardTemplate = new("activation.cu", "activateBackward", ActivationFunctions);

    /// <inheritdoc/>
    protected override void Activate(Activation activation, Location x, Location y, nint count)
    {
        var (from, to) = (Address(x), Address(y));
        LaunchElements(ActivateKernel(activation), count, [from, to, count, AreAligned(from, to) ? 1 : 0]);
    }

    /// <inheritdoc/>
    protected override void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count)
    {
        var (input, gradient, to) = (Address(x), Address(dy), Address(dx));
        LaunchElements(ActivateBackwardKernel(activation), count, [input, gradient, to, count, AreAligned(input, gradient, to) ? 1 : 0]);
    }

    private static KernelKey ActivateKernel(Activation activation) => ActivateTemplate.With((int)activation);

    private static KernelKey ActivateBackwardKernel(Activation activation) => ActivateBackwardTemplate.With((int)activation);
}
