using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Activate(Activation activation, Location x, Location y, nint count) =>
        RunElements(new ActivationKernel(activation, Floats(x), null, Floats(y)), count);

    /// <inheritdoc/>
    protected override void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count) =>
        RunElements(new ActivationKernel(activation, Floats(x), Floats(dy), Floats(dx)), count);
}
