using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Batches of a bidirectional model: a text in as many streams as a step has sequences, which one direction reads on in from their beginnings and
/// the other from their ends. The state of the LSTMs goes on from step to step and is part of a checkpoint; after the last whole segment the streams
/// begin again with none, and what is left of each is not trained on.
/// </summary>
public sealed class BidirectionalBatches : Batches
{
    private const string FormName = "state.form";
    private const long Half = 1 << 20;

    private readonly TrainingOptions options;
    private readonly BidirectionalTrainingGraph graph;
    private readonly RecurrentState[] states;
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
        this.options = options;
        streams = StreamBatches.ToTrainOn(data.Training, options);
        segments = new(model, streams, options.Batch, tokenizer);
        graph = model.CreateTraining(options.Batch, options.Length);
        states = [.. Enumerable.Range(0, options.Accumulate).Select(_ => model.CreateState(options.Batch))];
        evaluator = new(graph, options.Validation(data), options.Batch, options.Length, tokenizer);
        weight = 0.5f / (options.Batch * options.Length * (float)options.Accumulate);
    }

    /// <inheritdoc/>
    public override BidirectionalTrainingGraph Graph => graph;

    /// <inheritdoc/>
    public override long EvaluationCount => evaluator.PredictionCount;

    /// <inheritdoc/>
    public override void Fill(int step, int micro)
    {
        segment = step % streams.WholeSegmentCount;
        segments.Set(graph, states[micro], segment, micro * options.Batch, weight);
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        foreach (var state in states)
        {
            state.Advance();
            if (segment + 1 == streams.WholeSegmentCount)
                state.Reset();
        }
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null)
    {
        var predicted = evaluator.Predict(cancellation, progress);
        return new(
            predicted.Loss,
            [
                new("forward_perplexity", predicted.Forward.PerplexityPer(predicted.Forward.Count)),
                new("backward_perplexity", predicted.Backward.PerplexityPer(predicted.Backward.Count)),
            ]);
    }

    /// <inheritdoc/>
    public override IEnumerable<TensorSource> States =>
    [
        new(FormName, [Form.Length], (first, values) => Form.AsSpan((int)first, values.Length).CopyTo(values)),
        .. states.SelectMany((state, micro) => Enumerable.Range(0, Places).Select(place => new TensorSource(
            NameOf(micro, place), [state.PerPlace], (first, values) => state.Read(place, first, values)))),
    ];

    private int Places => RecurrentState.Places(graph.Model.Description);

    /// <summary>How the text is cut, in numbers that f32 holds exactly: a state is of these streams alone.</summary>
    private float[] Form => [streams.Streams, options.Batch, options.Length, streams.StreamLength / Half, streams.StreamLength % Half];

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, StoredState> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        if (states.Count == 0)
        {
            throw new GptGenException(
                "The checkpoint holds no states of the LSTMs, which go on in the middle of a text: continue from another checkpoint, or begin a run "
                + "anew with its weights (ModelCheckpoint.Load).");
        }

        if (!AreOurs(states))
        {
            throw new GptGenException(
                "The checkpoint's states are of a text that was cut in another way: continue with the run's own data, "
                + "TrainingOptions.Batch, TrainingOptions.Accumulate and TrainingOptions.Length.");
        }

        for (var micro = 0; micro < this.states.Length; micro++)
        {
            this.states[micro].Reset();
            for (var place = 0; place < Places; place++)
                this.states[micro].Write(place, states[NameOf(micro, place)].Read());
        }
    }

    private bool AreOurs(IReadOnlyDictionary<string, StoredState> given) =>
        given.TryGetValue(FormName, out var form) && form.Read().SequenceEqual(Form) && given.Count == 1 + (states.Length * Places)
        && Enumerable.Range(0, states.Length * Places).All(index =>
            given.TryGetValue(NameOf(index / Places, index % Places), out var state) && state.Shape.SequenceEqual([states[0].PerPlace]));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        foreach (var state in states)
            state.Dispose();
    }

    private static string NameOf(int micro, int place) => FormattableString.Invariant($"state.{micro}.{place}");
}
