using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count) =>
        RunElements(new ResidualKernel(Floats(residual), Floats(branch), new DropoutMask(dropout), Floats(y)), count);

    /// <inheritdoc/>
    protected override void DropoutBackward(Location dSum, DropoutSite dropout, Location dBranch, nint count) =>
        RunElements(new DropoutKernel(Floats(dSum), new DropoutMask(dropout), Floats(dBranch)), count);

    /// <inheritdoc/>
    protected override void Copy(Location x, Location y, nint count)
    {
        if (count > 0)
            Buffer.MemoryCopy(Floats(x), Floats(y), count * sizeof(float), count * sizeof(float));
    }
}
