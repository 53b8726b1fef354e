using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Batches of a segment model: a text in as many streams as a step has sequences, each read on from step to step with a memory of its own, which is
/// part of a checkpoint; after the last whole segment the streams begin again with none, and what is left of each is not trained on. Which streams a
/// micro-batch has follows from its number.
/// </summary>
public sealed class SegmentBatches : Batches
{
    private readonly TrainingOptions options;
    private readonly StepCut cut;
    private readonly SegmentTrainingGraph graph;
    private readonly CarriedStates<SegmentMemory> memories;
    private readonly StreamBatches streams;
    private readonly SegmentEvaluator evaluator;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] weights;
    private long segment;

    /// <summary>Prepares the batches of a run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Tokens to train on and to validate on.</param>
    /// <param name="options">The options.</param>
    /// <param name="memoryLength">Rows that each layer keeps of the segments before; as many as the model can unless given.</param>
    /// <exception cref="GptGenException">An option is out of range, or the data is too short.</exception>
    public SegmentBatches(SegmentModel model, TokenDataset data, TrainingOptions options, int? memoryLength = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(model.Description);
        (this.options, cut) = (options, StepCut.Of(options));
        var capacity = SegmentMemory.CapacityOf(model, memoryLength);
        streams = StreamBatches.ToTrainOn(data.Training, options);
        graph = model.CreateTraining(cut.Sequences, options.Length);
        memories = new("memory", model.Description.Layers, streams, cut, () => model.CreateMemory(cut.Sequences, capacity));
        evaluator = new(graph, options.Validation(data), options.Batch, options.Length, capacity) { AtOnce = cut.Sequences };
        tokens = new int[cut.Sequences * options.Length];
        targets = new int[tokens.Length];
        weights = new float[tokens.Length];
        Array.Fill(weights, 1f / (tokens.Length * (float)cut.MicroBatches));
    }

    /// <inheritdoc/>
    public override SegmentTrainingGraph Graph => graph;

    /// <inheritdoc/>
    internal override int MicroBatches(TrainingOptions _) => cut.MicroBatches;

    /// <inheritdoc/>
    internal override bool DividesEvaluation => true;

    /// <inheritdoc/>
    internal override ICarriedStates Carried => memories;

    /// <inheritdoc/>
    public override long EvaluationCount => evaluator.PredictionCount;

    /// <inheritdoc/>
    public override void Fill(int step, int micro)
    {
        segment = step % streams.WholeSegmentCount;
        streams.Fill(segment, micro * cut.Sequences, tokens, targets);
        graph.SetBatch(memories[micro], cut.Sequences, options.Length, tokens, targets, weights);
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        for (var micro = memories.First; micro < memories.End; micro++)
        {
            memories[micro].Advance(options.Length);
            if (segment + 1 == streams.WholeSegmentCount)
                memories[micro].Reset();
        }
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
        new(evaluator.MeanLoss(Communicator, cancellation, progress));

    /// <inheritdoc/>
    public override IEnumerable<TensorSource> States => memories.Sources();

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, StoredState> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        if (!memories.TryRestore(states))
        {
            throw new GptGenException(
                "The checkpoint's memory is of a text that was cut in another way, or longer than this run's: continue with the run's own data, "
                + "TrainingOptions.Batch, TrainingOptions.Accumulate, TrainingOptions.Length and memory length.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            memories.Dispose();
    }
}
