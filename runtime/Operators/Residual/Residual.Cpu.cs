using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count) =>
        RunElements(new ResidualKernel(Floats(residual), Floats(branch), new DropoutMask(dropout), Floats(y)), count);

    /// <inheritdoc/>
    protected override void Copy(Location x, Location y, nint count) => RunElements(new CopyKernel(Floats(x), Floats(y)), count);
}
