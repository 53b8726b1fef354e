using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Dropout(Location x, DropoutSite dropout, Location y, nint count) =>
        RunElements(new DropoutKernel(Floats(x), new DropoutMask(dropout), Floats(y)), count);
}
