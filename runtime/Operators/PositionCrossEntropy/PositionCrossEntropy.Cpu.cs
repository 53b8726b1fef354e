namespace GptGen;

/// <content>Each sequence has a number a row and column, too little work for vectors or another thread.</content>
public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void PositionCrossEntropy(
        Location scores, Location lengths, Location targets, Location losses, int sequences, int length, int columns) =>
        PositionCrossEntropy(Floats(scores), Integers(lengths), Integers(targets), null, Floats(losses), null, sequences, length, columns);

    /// <inheritdoc/>
    protected override void PositionCrossEntropyBackward(
        Location scores, Location lengths, Location targets, Location weights, Location losses, Location dScores, int sequences, int length,
        int columns) =>
        PositionCrossEntropy(
            Floats(scores), Integers(lengths), Integers(targets), Floats(weights), Floats(losses), Floats(dScores), sequences, length, columns);

    private static void PositionCrossEntropy(
        float* scores, int* lengths, int* targets, float* weights, float* losses, float* dScores, int sequences, int length, int columns)
    {
        for (nint sequence = 0; sequence < sequences; sequence++)
        {
            for (nint column = 0; column < columns; column++)
            {
                nint first = (sequence * length * columns) + column;
                nint end = first + ((nint)lengths[sequence] * columns);
                nint place = (sequence * columns) + column;
                float largest = float.NegativeInfinity;
                for (nint i = first; i < end; i += columns)
                    largest = MathF.Max(largest, scores[i]);
                float sum = 0;
                for (nint i = first; i < end; i += columns)
                    sum += MathF.Exp(scores[i] - largest);
                nint target = first + ((nint)targets[place] * columns);
                losses[place] = first == end ? 0 : largest - scores[target] + MathF.Log(sum);
                if (dScores == null)
                    continue;
                for (nint i = first; i < end; i += columns)
                    dScores[i] = (weights[place] / sum * MathF.Exp(scores[i] - largest)) - (i == target ? weights[place] : 0);
                for (nint i = end; i < first + ((nint)length * columns); i += columns)
                    dScores[i] = 0;
            }
        }
    }
}
