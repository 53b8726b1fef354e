namespace GptGen.Pretraining;

/// <summary>Sequences of masked tokens and what is to be predicted, in arrays that are filled again and again.</summary>
/// <param name="batch">Sequences, B.</param>
/// <param name="length">The longest sequence, T.</param>
/// <param name="maxPredictions">The most predictions of a sequence, P.</param>
public sealed class MaskedBatch(int batch, int length, int maxPredictions)
{
    /// <summary>Sequences, B.</summary>
    public int Batch { get; } = batch;

    /// <summary>The longest sequence, T.</summary>
    public int Length { get; } = length;

    /// <summary>The most predictions of a sequence, P.</summary>
    public int MaxPredictions { get; } = maxPredictions;

    /// <summary>The tokens, (B, T); padding behind a sequence's length.</summary>
    public int[] Tokens { get; } = new int[batch * length];

    /// <summary>Of which text each token is, (B, T): 0 or 1; 0 behind a sequence's length.</summary>
    public int[] TokenTypes { get; } = new int[batch * length];

    /// <summary>The number of each sequence's tokens, (B); 0 where a batch has fewer sequences.</summary>
    public int[] Lengths { get; } = new int[batch];

    /// <summary>For each sequence 0 where its second text follows the first, 1 where it does not, (B).</summary>
    public int[] NextLabels { get; } = new int[batch];

    /// <summary>
    /// The row b·T + t of each predicted token, in ascending order, of all sequences one after the other; (B·P), of which the first count.
    /// </summary>
    public int[] PredictedRows { get; } = new int[batch * maxPredictions];

    /// <summary>What stood in each predicted row, (B·P), of which the first count.</summary>
    public int[] PredictedTokens { get; } = new int[batch * maxPredictions];

    /// <summary>The number of sequences that the batch holds.</summary>
    public int Sequences { get; internal set; }

    /// <summary>The number of predictions of all sequences.</summary>
    public int Predictions { get; internal set; }

    /// <summary>Which predictions are of some of the sequences.</summary>
    internal Range PredictionsOf(int first, int count)
    {
        var rows = PredictedRows.AsSpan(0, Predictions);
        return Place(rows, first * Length)..Place(rows, (first + count) * Length);

        static int Place(ReadOnlySpan<int> rows, int row) => rows.BinarySearch(row) is var place && place < 0 ? ~place : place;
    }
}
