namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width)
    {
        var counts = Integers(lengths, sequences);
        var output = Numbers(y, (nint)sequences * width);
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            for (var column = 0; column < width; column++)
            {
                var sum = 0.0;
                for (var row = 0; row < counts[sequence]; row++)
                    sum += Numbers(x.Plus(((nint)sequence * length + row) * width), width)[column];
                output[sequence * width + column] = counts[sequence] == 0 ? 0 : sum / counts[sequence];
            }
        }
    }
}
