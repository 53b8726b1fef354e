using GptGen.Distributed;
using GptGen.Training;

namespace GptGen.Translation;

/// <summary>
/// Batches of pairs of texts, of similar lengths, and held-out pairs to evaluate on. A step's loss is the mean over its micro-batches of each one's
/// mean loss of a target's tokens, the one that ends it among them.
/// </summary>
public abstract class PairBatches : Batches
{
    private readonly PairData training;
    private readonly PairData validation;
    private readonly BatchOrder order;
    private readonly int[][] evaluation;
    private readonly BatchCut cut;

    /// <summary>Prepares the batches of a run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="training">Pairs to train on.</param>
    /// <param name="validation">Pairs to evaluate on.</param>
    /// <param name="options">The run's options.</param>
    /// <param name="fits">Whether a pair fits the options' length.</param>
    /// <param name="rows">A pair's rows, by which batches are sorted.</param>
    /// <exception cref="GptGenException">An option is out of range, or no pair fits.</exception>
    private protected PairBatches(
        Model model, PairData training, PairData validation, TrainingOptions options, Func<EncodedPair, bool> fits, Func<EncodedPair, int> rows)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(model.Description);
        this.training = Fitting(training);
        this.validation = Fitting(validation);
        LeftOut = training.Pairs.Count + validation.Pairs.Count - this.training.Pairs.Count - this.validation.Pairs.Count;
        cut = BatchCut.Of(options);
        order = new(this.training.Pairs.Select(rows), options.Batch, options.Seed);
        var limit = options.ValidationTokens == 0 ? long.MaxValue : options.ValidationTokens;
        evaluation =
        [
            .. Enumerable.Range(0, this.validation.Pairs.Count)
                .TakeWhile(index => (limit -= this.validation.Pairs[index].Target.Length + 1) > -this.validation.Pairs[index].Target.Length - 1)
                .OrderBy(index => rows(this.validation.Pairs[index])).Chunk(AtOnce),
        ];
        EvaluationCount = evaluation.Sum(indexes => indexes.Sum(index => this.validation.Pairs[index].Target.Length + 1L));

        PairData Fitting(PairData data) => data.Where(fits) is { Pairs.Count: > 0 } fitting ? fitting
            : throw new GptGenException(
                $"None of the {data.Pairs.Count} pairs fits {options.Length} tokens: give a larger TrainingOptions.Length, "
                + $"at most {model.Description.Context}.");
    }

    /// <summary>Pairs that are longer than the run's length, which are neither trained nor evaluated on.</summary>
    public int LeftOut { get; }

    /// <summary>The pairs that an evaluation computes.</summary>
    public int EvaluatedPairs => evaluation.Sum(static indexes => indexes.Length);

    /// <summary>The pairs to evaluate on that fit.</summary>
    internal PairData Validation => validation;

    /// <inheritdoc/>
    public override long EvaluationCount { get; }

    /// <inheritdoc/>
    public override void Fill(int step, int micro) => TryFill(step, micro);

    /// <inheritdoc/>
    internal override int MicroBatches(TrainingOptions options) => cut.MicroBatches;

    /// <inheritdoc/>
    internal override bool TryFill(int step, int micro)
    {
        var batch = order.Batch(((long)step * cut.Batches) + cut.BatchOf(micro));
        var (first, count) = cut.Of(micro, batch.Length);
        if (count > 0)
            Set(training, batch.Slice(first, count), 1f / (Predictions(training, batch) * (float)cut.Batches));
        return count > 0;
    }

    /// <inheritdoc/>
    public override Training.Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null)
    {
        var (loss, done) = (0.0, 0L);
        Graph.Dropout = default;
        foreach (var (_, found) in DividedWork.Of(Communicator, evaluation, 2, Compute, cancellation))
        {
            loss += found.Span[0] * found.Span[1];
            done += (long)found.Span[1];
        }

        return new Training.Evaluation(loss / EvaluationCount);

        void Compute(int[] indexes, Span<double> own)
        {
            progress?.Invoke(done, EvaluationCount);
            var predictions = Predictions(validation, indexes);
            Set(validation, indexes, 1f / predictions);
            Graph.Forward();
            Graph.Loss();
            (own[0], own[1]) = (Graph.ReadLoss(), predictions);
        }
    }

    /// <inheritdoc/>
    internal override bool DividesEvaluation => true;

    /// <summary>The mean loss of a token of each pair's target, the one that ends it among them, in nats.</summary>
    /// <param name="pairs">Pairs that fit the run's length.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    internal double[] MeanLosses(PairData pairs, CancellationToken cancellation = default)
    {
        var (means, losses) = (new double[pairs.Pairs.Count], new float[Graph.Capacity]);
        Graph.Dropout = default;
        var batches = Enumerable.Range(0, means.Length).OrderBy(index => pairs.Pairs[index].Source.Length).Chunk(Graph.SequenceCapacity);
        foreach (var (indexes, found) in DividedWork.Of(Communicator, batches, Graph.SequenceCapacity, Compute, cancellation))
        {
            for (var sequence = 0; sequence < indexes.Length; sequence++)
                means[indexes[sequence]] = found.Span[sequence];
        }

        return means;

        void Compute(int[] indexes, Span<double> own)
        {
            Set(pairs, indexes, 1f / Predictions(pairs, indexes));
            Graph.Forward();
            Graph.Loss();
            Graph.ReadLosses(losses);
            for (var sequence = 0; sequence < indexes.Length; sequence++)
            {
                // Rows without a target have no loss.
                var sum = 0.0;
                foreach (var loss in losses.AsSpan(sequence * Graph.Length, Graph.Length))
                    sum += loss;
                own[sequence] = sum / (pairs.Pairs[indexes[sequence]].Target.Length + 1);
            }
        }
    }

    /// <summary>The most pairs that are computed at once.</summary>
    private protected int AtOnce => cut.AtOnce;

    /// <summary>Sets the graph's batch. Allocates nothing.</summary>
    /// <param name="data">The pairs.</param>
    /// <param name="indexes">Which of them.</param>
    /// <param name="weight">What each predicted token's loss is multiplied by.</param>
    private protected abstract void Set(PairData data, ReadOnlySpan<int> indexes, float weight);

    /// <summary>The tokens that are predicted of some pairs, those that end targets among them.</summary>
    private static int Predictions(PairData data, ReadOnlySpan<int> indexes)
    {
        var count = 0;
        foreach (var index in indexes)
            count += data.Pairs[index].Target.Length + 1;
        return count;
    }
}
