using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Batches of a bidirectional model: a text in as many streams as a step has sequences, which one direction reads on in from their beginnings and
/// the other from their ends. The state of the LSTMs goes on from step to step and is part of a checkpoint; after the last whole segment the streams
/// begin again with none, and what is left of each is not trained on. Which streams a micro-batch has follows from its number.
/// </summary>
public sealed class BidirectionalBatches : Batches
{
    private readonly StepCut cut;
    private readonly BidirectionalTrainingGraph graph;
    private readonly CarriedStates<RecurrentState> carried;
    private readonly StreamBatches streams;
    private readonly DirectedSegments segments;
    private readonly BidirectionalEvaluator evaluator;
    private readonly float weight;
    private long segment;

    /// <summary>Prepares the batches of a run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Tokens to train on and to validate on.</param>
    /// <param name="options">The options.</param>
    /// <param name="tokenizer">The tokens' tokenizer, for a model that reads characters; others need none.</param>
    /// <exception cref="GptGenException">An option is out of range, the data is too short, or there is no tokenizer where one is needed.</exception>
    public BidirectionalBatches(BidirectionalModel model, TokenDataset data, TrainingOptions options, Tokenizer? tokenizer = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(model.Description);
        cut = StepCut.Of(options);
        streams = StreamBatches.ToTrainOn(data.Training, options);
        segments = new(model, streams, cut.Sequences, tokenizer);
        graph = model.CreateTraining(cut.Sequences, options.Length);
        carried = new("state", RecurrentState.Places(model.Description), streams, cut, () => model.CreateState(cut.Sequences));
        evaluator = new(graph, options.Validation(data), options.Batch, options.Length, cut.Sequences, tokenizer);
        weight = 0.5f / (cut.Sequences * options.Length * (float)cut.MicroBatches);
    }

    /// <inheritdoc/>
    public override BidirectionalTrainingGraph Graph => graph;

    /// <inheritdoc/>
    internal override int MicroBatches(TrainingOptions _) => cut.MicroBatches;

    /// <inheritdoc/>
    internal override bool DividesEvaluation => true;

    /// <inheritdoc/>
    internal override ICarriedStates Carried => carried;

    /// <inheritdoc/>
    public override long EvaluationCount => evaluator.PredictionCount;

    /// <inheritdoc/>
    public override void Fill(int step, int micro)
    {
        segment = step % streams.WholeSegmentCount;
        segments.Set(graph, carried[micro], segment, micro * cut.Sequences, weight);
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        for (var micro = carried.First; micro < carried.End; micro++)
        {
            carried[micro].Advance();
            if (segment + 1 == streams.WholeSegmentCount)
                carried[micro].Reset();
        }
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null)
    {
        var predicted = evaluator.Predict(Communicator, cancellation, progress);
        return new(
            predicted.Loss,
            [
                new("forward_perplexity", predicted.Forward.PerplexityPer(predicted.Forward.Count)),
                new("backward_perplexity", predicted.Backward.PerplexityPer(predicted.Backward.Count)),
            ]);
    }

    /// <inheritdoc/>
    public override IEnumerable<TensorSource> States => carried.Sources();

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, StoredState> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        // One of them says how the text is cut.
        if (states.Count <= 1)
        {
            throw new GptGenException(
                "The checkpoint holds no states of the LSTMs, which go on in the middle of a text: continue from another checkpoint, or begin a run "
                + "anew with its weights (ModelCheckpoint.Load).");
        }

        if (!carried.TryRestore(states))
        {
            throw new GptGenException(
                "The checkpoint's states are of a text that was cut in another way: continue with the run's own data, "
                + "TrainingOptions.Batch, TrainingOptions.Accumulate and TrainingOptions.Length.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            carried.Dispose();
    }
}
