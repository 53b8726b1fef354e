using GptGen.Training;

namespace GptGen.Pretraining;

/// <summary>
/// Batches of a masked model's pre-training: sequences of one text or two with masked tokens, and held-out ones with fixed masks to evaluate on.
/// A step's loss is the mean over its micro-batches of each one's mean loss of masked tokens plus its mean loss of next sentences. Micro-batches
/// have about as many predictions as each other, not exactly: a token's weight in a step is that of its micro-batch's mean, not of the step's.
/// </summary>
public sealed class MaskedBatches : Batches
{
    private readonly MaskedTrainingGraph _graph;
    private readonly MaskedExamples _examples;
    private readonly MaskedEvaluator _evaluator;
    private readonly MaskedBatch _batch;
    private readonly bool _nextSentence;
    private readonly BatchCut _cut;
    private readonly int[] _rows;
    private (int Step, int Batch)? _filled;

    /// <summary>Prepares the batches of a run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="training">Documents to train on.</param>
    /// <param name="validation">Documents to evaluate on.</param>
    /// <param name="vocabulary">The vocabulary, of at most as many tokens as the model has.</param>
    /// <param name="masking">What is masked, and whether sequences are pairs.</param>
    /// <param name="options">The run's options.</param>
    /// <exception cref="GptGenException">An option is out of range, or a text has no second sentence.</exception>
    public MaskedBatches(
        MaskedModel model, PretrainingDocuments training, PretrainingDocuments validation, MaskingVocabulary vocabulary, PretrainingOptions masking,
        TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(model.Description);
        if (vocabulary.Size > model.Description.Vocabulary)
        {
            throw new GptGenException(
                $"The vocabulary has {vocabulary.Size} tokens, but {model.Description.Name} has {model.Description.Vocabulary}: use a smaller one.");
        }

        (_nextSentence, _cut) = (masking.NextSentence, BatchCut.Of(options));
        _examples = new(training, vocabulary, masking, options.Length, options.Seed);
        _batch = _examples.NewBatch(options.Batch);
        _rows = new int[_batch.PredictedRows.Length];
        var heldOut = new HeldOutExamples(validation, vocabulary, masking, options.Length, most: options.ValidationTokens);
        _graph = model.CreateTraining(_cut.AtOnce, options.Length);
        _evaluator = new(_graph, heldOut, _cut.AtOnce, _nextSentence);
    }

    /// <inheritdoc/>
    public override MaskedTrainingGraph Graph => _graph;

    /// <inheritdoc/>
    public override long EvaluationCount => _evaluator.PredictionCount;

    /// <inheritdoc/>
    internal override bool DividesEvaluation => true;

    /// <inheritdoc/>
    public override void Fill(int step, int micro)
    {
        // The parts of a batch follow each other.
        var batch = _cut.BatchOf(micro);
        if (_filled != (step, batch))
            _examples.Fill((uint)step, batch, _batch);
        _filled = (step, batch);
        var (first, count) = _cut.Of(micro, _batch.Sequences);
        _graph.SetBatch(_batch, first, count, _rows, _nextSentence, _cut.Batches);
    }

    /// <inheritdoc/>
    internal override int MicroBatches(TrainingOptions options) => _cut.MicroBatches;

    /// <inheritdoc/>
    public override Training.Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null)
    {
        var results = _evaluator.Evaluate(Communicator, cancellation, progress);
        List<Metric> metrics = [new("masked_accuracy", results.MaskedAccuracy), new("pseudo_perplexity", results.PseudoPerplexity)];
        if (_nextSentence)
            metrics.Add(new("next_accuracy", results.NextAccuracy));
        return new Training.Evaluation(results.MaskedLoss + results.NextLoss, metrics);
    }
}
