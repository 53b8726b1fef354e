namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void PositionCrossEntropy(
        Location scores, Location lengths, Location targets, Location losses, int sequences, int length, int columns)
    {
        var values = Numbers(scores, (nint)sequences * length * columns);
        var targetIds = Integers(targets, sequences * columns);
        var result = Numbers(losses, sequences * columns);
        for (var place = 0; place < sequences * columns; place++)
        {
            var column = Column(values, Integers(lengths, sequences)[place / columns], place, length, columns);
            var target = values[(((place / columns * length) + targetIds[place]) * columns) + (place % columns)];
            result[place] = column.Length == 0 ? 0 : LogSumExp(column) - target;
        }
    }

    /// <inheritdoc/>
    protected override void PositionCrossEntropyBackward(
        Location scores, Location lengths, Location targets, Location weights, Location losses, Location dScores, int sequences, int length,
        int columns)
    {
        PositionCrossEntropy(scores, lengths, targets, losses, sequences, length, columns);
        var values = Numbers(scores, (nint)sequences * length * columns);
        var targetIds = Integers(targets, sequences * columns);
        var factors = Numbers(weights, sequences * columns);
        var gradient = Numbers(dScores, (nint)sequences * length * columns);
        for (var place = 0; place < sequences * columns; place++)
        {
            var column = Column(values, Integers(lengths, sequences)[place / columns], place, length, columns);
            var logSumExp = column.Length == 0 ? 0 : LogSumExp(column);
            for (var row = 0; row < length; row++)
            {
                var share = row < column.Length ? Math.Exp(column[row] - logSumExp) - (row == targetIds[place] ? 1 : 0) : 0;
                gradient[(((place / columns * length) + row) * columns) + (place % columns)] = factors[place] * share;
            }
        }
    }

    private static double[] Column(Span<double> values, int count, int place, int length, int columns)
    {
        var column = new double[count];
        for (var row = 0; row < count; row++)
            column[row] = values[(((place / columns * length) + row) * columns) + (place % columns)];
        return column;
    }
}
