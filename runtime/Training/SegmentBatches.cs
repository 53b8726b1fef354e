using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Batches of a segment model: a text in as many streams as a step has sequences, each read on from step to step with a memory of its own, which is
/// part of a checkpoint; after the last whole segment the streams begin again with none.
/// </summary>
public sealed class SegmentBatches : Batches
{
    private readonly TrainingOptions options;
    private readonly SegmentTrainingGraph graph;
    private readonly SegmentMemory[] memories;
    private readonly StreamBatches streams;
    private readonly SegmentEvaluator evaluator;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] weights;

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
        this.options = options;
        streams = new(data.Training, checked(options.Batch * options.Accumulate), options.Length);
        if (streams.WholeSegmentCount == 0)
        {
            throw new GptGenException(
                $"There is too little to train on in {data.Training.Name}: {streams.Streams} streams of its {data.Training.Count} tokens have no "
                + $"segment of {options.Length}; give a longer text, or a smaller --batch, --accumulate or --length.");
        }

        graph = model.CreateTraining(options.Batch, options.Length);
        memories = [.. Enumerable.Range(0, options.Accumulate).Select(_ => model.CreateMemory(options.Batch, memoryLength))];
        var validation = options.ValidationTokens is > 0 and var most && most < data.Validation.Count
            ? data.Validation.Slice(0, most)
            : data.Validation;
        evaluator = new(graph, validation, options.Batch, options.Length, memories[0].Capacity);
        tokens = new int[options.Batch * options.Length];
        targets = new int[tokens.Length];
        weights = new float[tokens.Length];
        Array.Fill(weights, 1f / (tokens.Length * (float)options.Accumulate));
    }

    /// <inheritdoc/>
    public override SegmentTrainingGraph Graph => graph;

    /// <inheritdoc/>
    public override long EvaluationCount => evaluator.PredictionCount;

    /// <inheritdoc/>
    public override void Fill(int step, int micro)
    {
        var segment = step % streams.WholeSegmentCount;
        if (segment == 0)
            memories[micro].Reset();
        streams.Fill(segment, micro * options.Batch, tokens, targets);
        graph.SetBatch(memories[micro], options.Batch, options.Length, tokens, targets, weights);
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        foreach (var memory in memories)
            memory.Advance(options.Length);
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
        new(evaluator.MeanLoss(cancellation, progress));

    /// <inheritdoc/>
    public override IEnumerable<TensorSource> States => memories.SelectMany((memory, micro) =>
        Enumerable.Range(0, memory.Length == 0 ? 0 : graph.Model.Description.Layers).Select(layer => new TensorSource(
            NameOf(micro, layer), [memory.Sequences, memory.Length, graph.Model.Description.Width],
            (first, values) => memory.Read(layer, first, values))));

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, StoredState> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        var width = graph.Model.Description.Width;
        for (var micro = 0; micro < memories.Length; micro++)
        {
            memories[micro].Reset();
            for (var layer = 0; layer < graph.Model.Description.Layers && states.Count > 0; layer++)
            {
                if (!states.TryGetValue(NameOf(micro, layer), out var state)
                    || state.Shape is not [var sequences, var length, var stored] || sequences != options.Batch || stored != width
                    || length > memories[micro].Capacity)
                {
                    throw new GptGenException(
                        $"The checkpoint's memory is not of {memories.Length} x {options.Batch} texts with up to {memories[micro].Capacity} rows: "
                        + "continue with the run's own --batch, --accumulate and --memory.");
                }

                memories[micro].Write(layer, (int)length, state.Read());
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        foreach (var memory in memories)
            memory.Dispose();
    }

    private static string NameOf(int micro, int layer) => FormattableString.Invariant($"memory.{micro}.{layer}");
}
