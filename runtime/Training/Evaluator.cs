using GptGen.Distributed;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>The mean loss of a model over a whole split, in consecutive windows.</summary>
public sealed class Evaluator
{
    private readonly LanguageTrainingGraph graph;
    private readonly SequentialBatches batches;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly int[] lengths;
    private readonly float[] losses;

    /// <summary>Prepares evaluation of <paramref name="source"/> with the memory of <paramref name="graph"/>.</summary>
    /// <exception cref="GptGenException">There are fewer than two tokens.</exception>
    public Evaluator(LanguageTrainingGraph graph, TokenSource source, int batch, int length)
    {
        this.graph = graph;
        batches = new(source, batch, length);
        tokens = new int[batch * length];
        targets = new int[batch * length];
        lengths = new int[batch];
        losses = new float[batch * length];
    }

    /// <summary>The tokens that are predicted.</summary>
    public long PredictionCount => batches.PredictionCount;

    /// <summary>Mean cross-entropy in nats per token; every token but the first is predicted once.</summary>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <param name="progress">Told before each batch how many tokens were predicted and how many there are.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public double MeanLoss(CancellationToken cancellation = default, Action<long, long>? progress = null) => MeanLoss(null, cancellation, progress);

    /// <summary>
    /// The same by several processes, of which each computes every so many-th batch; the losses are summed up in the order of one process, so that
    /// the bits do not depend on their number. All stop when one is asked to.
    /// </summary>
    internal double MeanLoss(Communicator? communicator, CancellationToken cancellation, Action<long, long>? progress)
    {
        var (sum, done) = (0.0, 0L);
        graph.Dropout = default;
        foreach (var (_, found) in DividedWork.Of(
            communicator, Enumerable.Range(0, checked((int)batches.Count)), losses.Length, ComputeNext, cancellation))
        {
            foreach (var loss in found.Span)
                sum += loss;
            done = Math.Min(done + losses.Length, batches.PredictionCount);
        }

        return sum / batches.PredictionCount;

        void ComputeNext(int index, Span<double> own)
        {
            progress?.Invoke(done, batches.PredictionCount);
            Compute(index, own);
        }
    }

    /// <summary>The losses of a batch, 0 where nothing is predicted.</summary>
    private void Compute(int index, Span<double> own)
    {
        var windows = batches.Fill(index, tokens, targets, lengths);
        var rows = windows * batches.Length;
        graph.SetBatch(windows, batches.Length, tokens.AsSpan(0, rows), targets.AsSpan(0, rows), default, lengths.AsSpan(0, windows));
        graph.Forward();
        graph.Loss();
        graph.ReadLosses(losses);
        for (var row = 0; row < rows; row++)
            own[row] = targets[row] == Device.IgnoredTarget ? 0 : losses[row];
    }
}
