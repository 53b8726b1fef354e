using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Gather(Location x, Location indices, Location y, int count, int width)
    {
        if (count == 0)
            return;
        float* from = Floats(x), to = Floats(y);
        int* rows = Integers(indices);
        for (nint i = 0; i < count; i++)
            new ReadOnlySpan<float>(from + (nint)rows[i] * width, width).CopyTo(new Span<float>(to + i * width, width));
    }
}
