namespace GptGen.Pretraining;

/// <summary>Gives batches to graphs.</summary>
internal static class MaskedBatchExtensions
{
    /// <summary>Sets a graph's batch: its loss is the mean of masked tokens plus that of next sentences. Allocates nothing.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="nextSentence">Whether next sentences have a loss.</param>
    /// <param name="parts">Micro-batches of a step: the losses are divided by it.</param>
    public static void SetBatch(this MaskedTrainingGraph graph, MaskedBatch batch, bool nextSentence, int parts = 1)
    {
        var (sequences, rows, count) = (batch.Sequences, batch.Sequences * batch.Length, batch.Predictions);
        graph.SetBatch(
            batch.Length,
            batch.Tokens.AsSpan(0, rows),
            batch.TokenTypes.AsSpan(0, rows),
            batch.Lengths.AsSpan(0, sequences),
            batch.PredictedRows.AsSpan(0, count),
            batch.PredictedTokens.AsSpan(0, count),
            nextSentence ? batch.NextLabels.AsSpan(0, sequences) : [],
            1f / (Math.Max(1, count) * (float)parts),
            1f / (sequences * (float)parts));
    }
}
