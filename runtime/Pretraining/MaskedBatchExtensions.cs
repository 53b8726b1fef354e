namespace GptGen.Pretraining;

/// <summary>Gives batches to graphs.</summary>
internal static class MaskedBatchExtensions
{
    /// <summary>Sets a graph's batch: its loss is the mean of masked tokens plus that of next sentences. Allocates nothing.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="nextSentence">Whether next sentences have a loss.</param>
    public static void SetBatch(this MaskedTrainingGraph graph, MaskedBatch batch, bool nextSentence) =>
        graph.SetBatch(batch, 0, batch.Sequences, batch.PredictedRows, nextSentence, parts: 1);

    /// <summary>Sets some sequences of a batch, whose losses weigh as in the whole.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="first">The first of the sequences.</param>
    /// <param name="count">Sequences.</param>
    /// <param name="rows">Room for the predicted rows, (B·P).</param>
    /// <param name="nextSentence">Whether next sentences have a loss.</param>
    /// <param name="parts">Batches of a step: the losses are divided by it.</param>
    public static void SetBatch(
        this MaskedTrainingGraph graph, MaskedBatch batch, int first, int count, Span<int> rows, bool nextSentence, int parts)
    {
        var predictions = batch.PredictionsOf(first, count);
        var predicted = batch.PredictedRows.AsSpan(predictions);
        rows = rows[..predicted.Length];
        for (var index = 0; index < rows.Length; index++)
            rows[index] = predicted[index] - (first * batch.Length);
        graph.SetBatch(
            batch.Length,
            batch.Tokens.AsSpan(first * batch.Length, count * batch.Length),
            batch.TokenTypes.AsSpan(first * batch.Length, count * batch.Length),
            batch.Lengths.AsSpan(first, count),
            rows,
            batch.PredictedTokens.AsSpan(predictions),
            nextSentence ? batch.NextLabels.AsSpan(first, count) : [],
            1f / (Math.Max(1, batch.Predictions) * (float)parts),
            1f / (batch.Sequences * (float)parts));
    }
}
