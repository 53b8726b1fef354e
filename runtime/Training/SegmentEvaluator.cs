using GptGen.Distributed;
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
        AtOnce = streams.Streams;
    }

    /// <summary>The most streams that the graph reads at once, where it does not hold them all.</summary>
    internal int AtOnce { get; init => field = Math.Min(value, streams.Streams); }

    /// <summary>The tokens that are predicted.</summary>
    public long PredictionCount => streams.PredictionCount;

    /// <summary>Mean cross-entropy in nats per token; every token but the first is predicted once.</summary>
    /// <param name="cancellation">Ends the work between two segments.</param>
    /// <param name="progress">Told before each segment how many tokens were predicted and how many there are.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public double MeanLoss(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
        MeanLoss(others: null, cancellation, progress);

    /// <summary>The same by several processes; null for one.</summary>
    internal double MeanLoss(Communicator? others, CancellationToken cancellation, Action<long, long>? progress)
    {
        progress?.Invoke(0, PredictionCount);
        var sum = default(PredictedTokens);
        foreach (var predicted in Evaluate(others, unscored: null, cancellation))
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
    public IEnumerable<PredictedTokens> Evaluate(int? unscored = null, CancellationToken cancellation = default) =>
        Evaluate(others: null, unscored, cancellation);

    /// <summary>The same by several processes, which divide the streams; null for one.</summary>
    internal IEnumerable<PredictedTokens> Evaluate(Communicator? others, int? unscored, CancellationToken cancellation)
    {
        graph.Dropout = default;
        var (tokens, targets) = (new int[AtOnce * streams.Length], new int[AtOnce * streams.Length]);
        var losses = new float[tokens.Length];
        foreach (var sums in DividedStreams.Of(others, streams, AtOnce, width: 2, Begin, Read, cancellation))
        {
            yield return double.IsFinite(sums[1])
                ? new((long)sums[0], sums[1])
                : throw new GptGenException(
                    $"{graph.Model.Description.Name} gives no numbers: its weights are damaged or their training diverged; use an earlier "
                    + "checkpoint.");
        }

        SegmentMemory Begin(int count)
        {
            var memory = graph.Model.CreateMemory(count, memoryLength);
            memory.Reset(zeroRows);
            return memory;
        }

        void Read(SegmentMemory memory, long segment, int first, Span<double> sums)
        {
            var length = streams.LengthOf(segment);
            var rows = memory.Sequences * length;
            streams.Fill(segment, first, tokens.AsSpan(0, rows), targets.AsSpan(0, rows));
            graph.SetBatch(memory, memory.Sequences, length, tokens.AsSpan(0, rows), targets.AsSpan(0, rows));
            graph.Forward();
            graph.Loss();
            graph.ReadLosses(losses);
            graph.AdvanceMemory();
            for (var row = 0; row < rows; row++)
            {
                if (targets[row] == TokenWindow.Ignored || targets[row] == unscored)
                    continue;
                sums[0]++;
                sums[1] -= losses[row];
            }
        }
    }
}
