using GptGen.Distributed;
using GptGen.Evaluation;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// How well the two directions of a bidirectional model predict a whole text, which is read in streams: forward from each stream's beginning and
/// backward from its end, with a state that goes on from segment to segment.
/// </summary>
public sealed class BidirectionalEvaluator
{
    private readonly BidirectionalTrainingGraph graph;
    private readonly DirectedSegments segments;
    private readonly int atOnce;
    private readonly float[] losses;

    /// <summary>Prepares evaluation of <paramref name="source"/> with the memory of <paramref name="graph"/>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="source">The tokens.</param>
    /// <param name="batch">Streams that are read side by side; fewer where there are fewer tokens.</param>
    /// <param name="length">Tokens of a segment.</param>
    /// <param name="tokenizer">The tokens' tokenizer, for a model that reads characters; others need none.</param>
    /// <exception cref="GptGenException">There are fewer than two tokens, or a model that reads characters has no tokenizer.</exception>
    public BidirectionalEvaluator(BidirectionalTrainingGraph graph, TokenSource source, int batch, int length, Tokenizer? tokenizer = null)
        : this(graph, source, batch, length, batch, tokenizer)
    {
    }

    /// <summary>The same of a graph that holds only some of the streams at once.</summary>
    internal BidirectionalEvaluator(
        BidirectionalTrainingGraph graph, TokenSource source, int batch, int length, int atOnce, Tokenizer? tokenizer)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(source);
        this.graph = graph;
        source.RequirePredictable();
        var streams = new StreamBatches(source, (int)Math.Min(batch, source.Count - 1), length);
        this.atOnce = Math.Min(atOnce, streams.Streams);
        segments = new(graph.Model, streams, this.atOnce, tokenizer);
        losses = new float[checked(2 * this.atOnce * length)];
    }

    /// <summary>The tokens that each direction predicts.</summary>
    public long PredictionCount => segments.Streams.PredictionCount;

    /// <summary>
    /// What both directions make of the whole text: forward every token but the first is predicted once, backward every one but the last.
    /// </summary>
    /// <param name="cancellation">Ends the work between two segments.</param>
    /// <param name="progress">Told before each segment how many tokens were predicted and how many there are.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public DirectedPredictions Predict(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
        Predict(others: null, cancellation, progress);

    /// <summary>The same by several processes; null for one.</summary>
    internal DirectedPredictions Predict(Communicator? others, CancellationToken cancellation, Action<long, long>? progress)
    {
        progress?.Invoke(0, PredictionCount);
        var sum = default(DirectedPredictions);
        foreach (var predicted in Evaluate(others, unscored: null, unscoredBackward: null, cancellation))
        {
            sum = predicted;
            progress?.Invoke(sum.Forward.Count, PredictionCount);
        }

        return sum;
    }

    /// <summary>The same, with running sums after each segment; the last are the text's.</summary>
    /// <param name="unscored">A token that is read but not predicted forward, because it does not stand in the text; null for none.</param>
    /// <param name="unscoredBackward">The same backward.</param>
    /// <param name="cancellation">Ends the work between two segments.</param>
    /// <exception cref="GptGenException">The weights give no numbers.</exception>
    public IEnumerable<DirectedPredictions> Evaluate(
        int? unscored = null, int? unscoredBackward = null, CancellationToken cancellation = default) =>
        Evaluate(others: null, unscored, unscoredBackward, cancellation);

    /// <summary>The same by several processes, which divide the streams; null for one.</summary>
    internal IEnumerable<DirectedPredictions> Evaluate(
        Communicator? others, int? unscored, int? unscoredBackward, CancellationToken cancellation)
    {
        graph.Dropout = default;
        foreach (var sums in DividedStreams.Of(others, segments.Streams, atOnce, width: 4, graph.Model.CreateState, Read, cancellation))
        {
            yield return double.IsFinite(sums[1] + sums[3])
                ? new(new((long)sums[0], sums[1]), new((long)sums[2], sums[3]))
                : throw new GptGenException(
                    $"{graph.Model.Description.Name} gives no numbers: its weights are damaged or their training diverged; use an earlier "
                    + "checkpoint.");
        }

        void Read(RecurrentState state, long segment, int first, Span<double> sums)
        {
            segments.Set(graph, state, segment, first, weight: 0);
            graph.Forward();
            graph.Loss();
            graph.ReadLosses(losses);
            graph.AdvanceState();
            Add(sums[..2], 0, unscored);
            Add(sums[2..], graph.RowCount, unscoredBackward);
        }

        void Add(Span<double> sums, int first, int? left)
        {
            for (var row = first; row < first + graph.RowCount; row++)
            {
                if (segments.Targets[row] == TokenWindow.Ignored || segments.Targets[row] == left)
                    continue;
                sums[0]++;
                sums[1] -= losses[row];
            }
        }
    }
}

/// <summary>What the directions of a bidirectional model predicted.</summary>
/// <param name="Forward">Tokens that follow others.</param>
/// <param name="Backward">Tokens that stand before others.</param>
public readonly record struct DirectedPredictions(PredictedTokens Forward, PredictedTokens Backward)
{
    /// <summary>The mean of both directions' losses in nats per token.</summary>
    public double Loss => (Forward.Loss + Backward.Loss) / 2;
}
