using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Batches of a segment model: a text in as many streams as a step has sequences, each read on from step to step with a memory of its own, which is
/// part of a checkpoint; after the last whole segment the streams begin again with none, and what is left of each is not trained on.
/// </summary>
public sealed class SegmentBatches : Batches
{
    private const string FormName = "memory.form";
    private const long Half = 1 << 20;

    private readonly TrainingOptions options;
    private readonly SegmentTrainingGraph graph;
    private readonly SegmentMemory[] memories;
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
        this.options = options;
        streams = StreamBatches.ToTrainOn(data.Training, options);
        graph = model.CreateTraining(options.Batch, options.Length);
        memories = [.. Enumerable.Range(0, options.Accumulate).Select(_ => model.CreateMemory(options.Batch, memoryLength))];
        evaluator = new(graph, options.Validation(data), options.Batch, options.Length, memories[0].Capacity);
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
        segment = step % streams.WholeSegmentCount;
        streams.Fill(segment, micro * options.Batch, tokens, targets);
        graph.SetBatch(memories[micro], options.Batch, options.Length, tokens, targets, weights);
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        foreach (var memory in memories)
        {
            memory.Advance(options.Length);
            if (segment + 1 == streams.WholeSegmentCount)
                memory.Reset();
        }
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
        new(evaluator.MeanLoss(cancellation, progress));

    /// <inheritdoc/>
    public override IEnumerable<TensorSource> States =>
    [
        new(FormName, [Form.Length], (first, values) => Form.AsSpan((int)first, values.Length).CopyTo(values)),
        .. memories.SelectMany((memory, micro) =>
            Enumerable.Range(0, memory.Length == 0 ? 0 : graph.Model.Description.Layers).Select(layer => new TensorSource(
                NameOf(micro, layer), [memory.Sequences, memory.Length, graph.Model.Description.Width],
                (first, values) => memory.Read(layer, first, values)))),
    ];

    /// <summary>How the text is cut, in numbers that f32 holds exactly: a memory is of these streams alone.</summary>
    private float[] Form => [streams.Streams, options.Batch, options.Length, streams.StreamLength / Half, streams.StreamLength % Half];

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, StoredState> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        var (layers, width) = (graph.Model.Description.Layers, graph.Model.Description.Width);
        var rows = states.Values.Where(static state => state.Shape.Count == 3).Select(static state => state.Shape[1]).Distinct().ToArray();
        var isOurs = states.Count == 0
            || (states.TryGetValue(FormName, out var form) && form.Read().SequenceEqual(Form)
                && (states.Count == 1 || (states.Count == 1 + (memories.Length * layers) && rows is [var length] && length <= memories[0].Capacity
                    && Names(layers).All(name => states.TryGetValue(name, out var state)
                        && state.Shape.SequenceEqual([options.Batch, length, width])))));
        if (!isOurs)
        {
            throw new GptGenException(
                "The checkpoint's memory is of a text that was cut in another way, or longer than this run's: continue with the run's own data, "
                + "TrainingOptions.Batch, TrainingOptions.Accumulate, TrainingOptions.Length and memory length.");
        }

        foreach (var memory in memories)
            memory.Reset();
        for (var micro = 0; micro < memories.Length && states.Count > 1; micro++)
        {
            for (var layer = 0; layer < layers; layer++)
                memories[micro].Write(layer, (int)rows[0], states[NameOf(micro, layer)].Read());
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

    private IEnumerable<string> Names(int layers) =>
        Enumerable.Range(0, memories.Length * layers).Select(index => NameOf(index / layers, index % layers));

    private static string NameOf(int micro, int layer) => FormattableString.Invariant($"memory.{micro}.{layer}");
}
