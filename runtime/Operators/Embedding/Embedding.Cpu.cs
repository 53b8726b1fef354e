using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Columns that a worker adds up at a time: whole cache lines, so that workers do not disturb one another.</summary>
    private const int EmbeddingStrip = 64;

    /// <inheritdoc/>
    protected override void Embed(
        Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width)
    {
        if (rows > 0)
            RunRows(
                new EmbedKernel(
                    Integers(tokens), Integers(positions), Matrix(tokenTable, width), Matrix(positionTable, width), new(dropout), Floats(y), width),
                rows, width);
    }

    /// <inheritdoc/>
    protected override void EmbedBackward(
        Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows,
        Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width)
    {
        if (tokenWrite == GradientWrite.Write)
            new CpuRange(Floats(dTokenTable), (nint)tokenRows * width).Clear();
        if (positionWrite == GradientWrite.Write)
            new CpuRange(Floats(dPositionTable), (nint)positionRows * width).Clear();
        if (rows == 0)
            return;
        var kernel = new AddRowsKernel(
            Integers(tokens), Integers(positions), Floats(dy), new(dropout), 1f, Floats(dTokenTable), Floats(dPositionTable), rows, width);
        Run(kernel, width, EmbeddingStrip);
    }
}
