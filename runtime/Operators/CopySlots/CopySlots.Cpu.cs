using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void CopySlots(in SlotCache cache, Location from, Location to, Location positions, int copies) => Run(
        new CopySlotsKernel(cache, Floats(cache.Start), Integers(from), Integers(to), Integers(positions)),
        (nint)copies * cache.Blocks * cache.Heads, 1);
}
