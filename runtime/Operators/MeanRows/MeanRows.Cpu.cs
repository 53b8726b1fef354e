using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width)
    {
        if (sequences > 0)
            RunRows(new MeanRowsKernel(Floats(x), Integers(lengths), Floats(y), length, width), sequences, (nint)Math.Max(1, length) * width);
    }
}
