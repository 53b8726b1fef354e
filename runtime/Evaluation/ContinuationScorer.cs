using GptGen.Distributed;

namespace GptGen.Evaluation;

/// <summary>
/// The log-likelihoods that a model gives continuations: Σ ln p(token | all tokens before it), in nats. Many are computed in one batch, with the
/// losses of the training graph, which a device computes without ever holding all logits.
/// </summary>
public sealed class ContinuationScorer : IDisposable
{
    private readonly LanguageTrainingGraph graph;
    private readonly int batch;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly int[] lengths;
    private readonly float[] losses;

    /// <summary>Allocates the memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">Continuations computed at once.</param>
    /// <param name="length">The most positions of one, <see cref="Continuation.Length"/>.</param>
    public ContinuationScorer(LanguageModel model, int batch, int length)
    {
        graph = model.CreateTraining(batch, length);
        this.batch = batch;
        tokens = new int[batch * length];
        targets = new int[batch * length];
        lengths = new int[batch];
        losses = new float[batch * length];
    }

    /// <summary>A token whose prediction does not count, where there is one.</summary>
    internal int? Unscored { get; init; }

    /// <summary>The processes that divide the batches of each call and make it together; null for one.</summary>
    internal Communicator? Others { get; init; }

    /// <summary>Computes log-likelihoods; those of similar length share a batch, so that little is computed for nothing.</summary>
    /// <param name="continuations">What to score.</param>
    /// <param name="logLikelihoods">Receives one number for each.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <exception cref="GptGenException">A token is out of range, a continuation is too long, or the weights give no numbers.</exception>
    public void Score(IReadOnlyList<Continuation> continuations, Span<double> logLikelihoods, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logLikelihoods.Length, continuations.Count);
        int[] order = [.. Enumerable.Range(0, continuations.Count).OrderByDescending(index => continuations[index].Length)];
        foreach (var (part, found) in DividedWork.Of(Others, order.Chunk(batch), batch, Compute, cancellation))
        {
            for (var row = 0; row < part.Length; row++)
                logLikelihoods[part[row]] = found.Span[row];
        }

        void Compute(int[] part, Span<double> own)
        {
            Run([.. part.Select(index => continuations[index])]);
            for (var row = 0; row < part.Length; row++)
                own[row] = -Sum(row);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => graph.Dispose();

    private void Run(Continuation[] rows)
    {
        var length = rows.Max(static row => row.Length);
        if (rows.Length * length > tokens.Length)
            throw new GptGenException($"A text of {length} tokens does not fit a scorer made for {tokens.Length / batch}.");
        var count = rows.Length * length;
        tokens.AsSpan(0, count).Clear();
        targets.AsSpan(0, count).Fill(Device.IgnoredTarget);
        for (var row = 0; row < rows.Length; row++)
        {
            var continuation = rows[row];
            lengths[row] = continuation.Length;
            continuation.Tokens.AsSpan(0, continuation.Length).CopyTo(tokens.AsSpan(row * length));
            var predicted = targets.AsSpan((row * length) + continuation.Length - continuation.Predicted, continuation.Predicted);
            continuation.Tokens.AsSpan()[^continuation.Predicted..].CopyTo(predicted);
            if (Unscored is { } unscored)
                predicted.Replace(unscored, Device.IgnoredTarget);
        }

        graph.Dropout = default;
        graph.SetBatch(rows.Length, length, tokens.AsSpan(0, count), targets.AsSpan(0, count), default, lengths.AsSpan(0, rows.Length));
        graph.Forward();
        graph.Loss();
        graph.ReadLosses(losses);
    }

    private double Sum(int row)
    {
        var sum = 0.0;
        for (var at = row * graph.Length; at < (row + 1) * graph.Length; at++)
            sum += targets[at] == Device.IgnoredTarget ? 0 : losses[at];
        return double.IsFinite(sum)
            ? sum
            : throw new GptGenException($"The loss is {sum}: the weights are damaged or their training diverged; use an earlier checkpoint.");
    }
}
