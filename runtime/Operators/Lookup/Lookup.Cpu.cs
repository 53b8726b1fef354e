using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width)
    {
        if (rows > 0)
            RunRows(new LookupKernel(Integers(indices), Matrix(table, width), scale, Floats(y), write == GradientWrite.Add, width), rows, width);
    }

    /// <inheritdoc/>
    protected override void LookupBackward(
        Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width)
    {
        if (write == GradientWrite.Write)
            new CpuRange(Floats(dTable), (nint)tableRows * width).Clear();
        if (rows > 0)
            Run(new AddRowsKernel(Integers(indices), null, Floats(dy), default, scale, Floats(dTable), null, rows, width), width, EmbeddingStrip);
    }
}
