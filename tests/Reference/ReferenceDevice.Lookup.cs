namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width)
    {
        var picked = Integers(indices, rows);
        var output = Numbers(y, (nint)rows * width);
        BeginGradient(output, write);
        for (var row = 0; row < rows; row++)
        {
            var entry = Numbers(table.Plus((nint)picked[row] * width), width);
            for (var i = 0; i < width; i++)
                output[row * width + i] += scale * entry[i];
        }
    }

    /// <inheritdoc/>
    protected override void LookupBackward(
        Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width)
    {
        var picked = Integers(indices, rows);
        var outputGradient = Numbers(dy, (nint)rows * width);
        var tableGradient = Numbers(dTable, (nint)tableRows * width);
        BeginGradient(tableGradient, write);
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < width; i++)
                tableGradient[picked[row] * width + i] += scale * outputGradient[row * width + i];
        }
    }
}
