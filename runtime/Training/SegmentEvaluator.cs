using GptGen.Evaluation;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>How well a segment model predicts a whole text, read in streams whose memory goes on from segment to segment.</summary>
public sealed class SegmentEvaluator
{
    private readonly SegmentTrainingGraph graph;
    private readonly StreamBatches streams;
    private readonly int memoryLength;
    private readonly int zeroRows;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] losses;

    /// <summary>Prepares evaluation of <paramref name="source"/> with the memory of <paramref name="graph"/>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="source">The tokens.</param>
    /// <param name="batch">Streams that are read side by side; fewer where there are fewer tokens.</param>
    /// <param name="length">Tokens of a segment.</param>
    /// <param name="memoryLength">Rows that each layer keeps of the segments before.</param>
    /// <param name="beginsWithZeros">
    /// Whether every stream begins behind a whole memory of zeros, which are attended to, as Hugging Face's models do; otherwise with none.
    /// </param>
    /// <exception cref="GptGenException">There are fewer than two tokens.</exception>
    public SegmentEvaluator(
        SegmentTrainingGraph graph, TokenSource source, int batch, int length, int memoryLength, bool beginsWithZeros = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(source);
        this.graph = graph;
        this.memoryLength = memoryLength;
        zeroRows = beginsWithZeros ? memoryLength : 0;
        source.RequirePredictable();
        streams = new(source, (int)Math.Min(batch, source.Count - 1), length);
        tokens = new int[streams.Streams * length];
        targets = new int[tokens.Length];
        losses = new float[tokens.Length];
    }

    /// <summary>The tokens that are predicted.</summary>
    public long PredictionCount => streams.PredictionCount;

    /// <summary>Mean cross-entropy in nats per token; every token but the first is predicted once.</summary>
    /// <param name="cancellation">Ends the work between two segments.</param>
    /// <param name="progress">Told before each segment how many tokens were predicted and how many there are.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public double MeanLoss(CancellationToken cancellation = default, Action<long, long>? progress = null)
    {
        progress?.Invoke(0, PredictionCount);
        var sum = default(PredictedTokens);
        foreach (var predicted in Evaluate(cancellation: cancellation))
        {
            sum = predicted;
            progress?.Invoke(sum.Count, PredictionCount);
        }

        return sum.Loss;
    }

    /// <summary>Predicts every token but the first, once each, and none that only separates documents.</summary>
    /// <param name="unscored">A token that is read but not predicted, because it does not stand in the text; null for none.</param>
    /// <param name="cancellation">Ends the work between two segments.</param>
    /// <returns>Running sums, one after each segment; the last is the text's.</returns>
    /// <exception cref="GptGenException">The weights give no numbers.</exception>
    public IEnumerable<PredictedTokens> Evaluate(int? unscored = null, CancellationToken cancellation = default)
    {
        using var memory = graph.Model.CreateMemory(streams.Streams, memoryLength);
        memory.Reset(zeroRows);
        var (count, logLikelihood) = (0L, 0.0);
        graph.Dropout = default;
        for (long segment = 0; segment < streams.SegmentCount; segment++)
        {
            cancellation.ThrowIfCancellationRequested();
            var length = streams.LengthOf(segment);
            var rows = streams.Streams * length;
            streams.Fill(segment, 0, tokens.AsSpan(0, rows), targets.AsSpan(0, rows));
            graph.SetBatch(memory, streams.Streams, length, tokens.AsSpan(0, rows), targets.AsSpan(0, rows));
            graph.Forward();
            graph.Loss();
            graph.ReadLosses(losses);
            graph.AdvanceMemory();
            for (var row = 0; row < rows; row++)
            {
                if (targets[row] == TokenWindow.Ignored || targets[row] == unscored)
                    continue;
                count++;
                logLikelihood -= losses[row];
            }

            yield return double.IsFinite(logLikelihood)
                ? new(count, logLikelihood)
                : throw new GptGenException(
                    $"{graph.Model.Description.Name} gives no numbers: its weights are damaged or their training diverged; use an earlier "
                    + "checkpoint.");
        }
    }
}
