using GptGen.Generator.Diagnostics;
using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>
/// ELMo (Peters et al. 2018, "Deep contextualized word representations"): language models of stacked LSTMs with projection, one that reads forward
/// and one that reads backward, which share their input and their softmax. Names are bilm-tf's.
/// </summary>
internal sealed class Elmo : Architecture
{
    private const string TokenTableName = "embedding";
    private const string SoftmaxPart = "softmax";
    private const string HeadTableName = SoftmaxPart + "/W";
    private const string HeadBiasName = SoftmaxPart + "/b";

    /// <summary>Of a uniform distribution between -1 and 1, which tables begin with there.</summary>
    internal const float TableDeviation = 0.57735027f;


    private static readonly GraphKind Train = new(
        "Train", "ComputeForward", "What training computes: values that the backward pass reads are kept for every layer.", IsDifferentiated: true);

    private static readonly GraphKind Score = new("Score", "ScoreExamples", "What scoring computes: up to the task head's scores.");

    private static readonly GraphKind Encode = new("Encode", "EncodeRows", "What encoding computes: the states of every layer.")
    {
        ShowsLayers = true,
    };

    public override string Family => "elmo";

    public override SpecDefaults Defaults => new(Context: 512, Vocabulary: 793471, Dropout: 0.1f, NormPlacement.Before)
    {
        Layers = 2,
        Heads = 1,
        Width = 512,
        HiddenWidth = 4096,
    };

    public override IReadOnlyList<string> Options => ElmoOptions.Names;

    public override IReadOnlyList<string> Numbers => ElmoOptions.Numbers;

    public override string HiddenName => "Cells";

    public override bool HasAttention => false;

    public override string? HeadName(HeadKind head) => ElmoHead.NameOf(head);

    public override bool HasLanguageModelBesideHead => false;

    public override bool FramesByEnds => true;

    public override int HeadTokens => 0;

    public override IReadOnlyList<(string Member, int Value)> Details(ModelSpec spec) =>
    [
        ("StateElements", checked(2 * spec.Layers * (spec.HiddenWidth + spec.Width))),
        .. new ElmoOptions(spec).ReadsCharacters ? [("CharactersPerToken", GraphInput.CharactersPerToken)] : Array.Empty<(string, int)>(),
    ];

    public override double LayerParameters(ModelSpec spec)
    {
        var options = new ElmoOptions(spec);
        var features = options.Filters.Sum(count => (double)count);
        return (2.0 * spec.Layers * 9.0 * spec.HiddenWidth * spec.Width) + (features * ((2.0 * options.HighwayLayers * features) + spec.Width))
            + options.Filters.Select((count, index) => (double)count * (index + 1) * options.CharacterWidth).Sum();
    }

    public override IEnumerable<SpecProblem> Problems(ModelSpec spec) => new ElmoOptions(spec).Problems(HiddenName);

    public override (string Class, string Interface) Bases(bool hasHead) => (hasHead ? "EncoderTaskModel" : "BidirectionalModel", "IModel");

    public override FileNaming Naming(ModelSpec spec) => new()
    {
        Heads = [SoftmaxPart, .. ElmoHead.Parts],
        OptionalParts = spec.Head is null ? [SoftmaxPart] : [],
        TokenTensors =
        [
            .. new ElmoOptions(spec).ReadsCharacters ? Array.Empty<string>() : [TokenTableName],
            .. spec.Head is null ? [HeadTableName, HeadBiasName] : Array.Empty<string>(),
        ],
    };

    public override IReadOnlyList<ConfigKey> Config(ModelSpec spec)
    {
        var options = new ElmoOptions(spec);
        return
        [
            new("model_type", Family),
            Held("lstm.dim", spec.HiddenWidth),
            Held("lstm.projection_dim", spec.Width),
            new("lstm.n_layers", spec.Layers) { IsHeld = true, Absent = 1 },
            OrNone("lstm.cell_clip", options.CellClip, 0f),
            OrNone("lstm.proj_clip", options.ProjectionClip, 0f),
            // One layer has nothing to skip.
            spec.Layers == 1 ? new("lstm.use_skip_connections", true) : OrNone("lstm.use_skip_connections", true, false),
            .. options.ReadsCharacters ? ElmoCharacters.Config(options) : [],
            Held("bidirectional", true),
            Held("n_tokens_vocab", spec.Vocabulary),
            new("dropout", spec.Dropout),
            new("torch_dtype", "float32"),
            .. options.NormalizedMix ? [new("do_layer_norm", true) { IsHeld = true, Absent = false }] : Array.Empty<ConfigKey>(),
            .. spec.Head is { } head ? HeadKind.ByAttribute[head.Attribute].Config(spec, head) : [],
        ];
    }

    public override string? Tokenizer(ModelSpec spec) => null;

    public override IReadOnlyList<GraphClass> Graphs(ModelSpec spec) => spec.Head is not null
        ? [new("Training", "EncoderTaskTrainingGraph", [Train]), new("Scoring", "ScoringGraph", [Score])]
        : [new("Training", "BidirectionalTrainingGraph", [Train]), new("Encoding", "BidirectionalEncodingGraph", [Encode])];

    public override ModelGraph Build(ModelSpec spec, GraphKind kind)
    {
        var options = new ElmoOptions(spec);
        var graph = new GraphBuilder(kind);
        var width = Dimension.Of("Width", spec.Width, "Width of what a layer reads and gives in one direction.");
        var cells = Dimension.Of(HiddenName, spec.HiddenWidth, "Cells of an LSTM.");
        var vocabulary = Dimension.Padded("Vocabulary", spec.Vocabulary, "Number of tokens.");
        LoopId layers = new("Layers", spec.Layers, "", "Number of layers, each with an LSTM a direction.");

        // What a task reads stays as it is.
        var isFrozen = spec.Head is not null;
        graph.Freezes = isFrozen;
        var first = options.ReadsCharacters ? ElmoCharacters.Embed(graph, options, width) : EmbedTokens();
        graph.ResultOfLayers("StatesOf", first);
        var last = graph.Repeat(layers, first, x =>
        {
            var (forward, backward) = (Weights("Forward", 0), Weights("Backward", 1));
            graph.Heading("LSTMs of both directions");
            var read = isFrozen || !graph.IsDifferentiated ? x : graph.Dropout("Read", x);
            return graph.Skip("LayerStates", read, graph.Lstm("Lstm", read, cells, forward, backward, hasState: !isFrozen));
        });
        if (spec.Head is { } head)
        {
            graph.Freezes = false;
            ElmoHead.Build(graph, spec, options, head, last);
            return graph.Build();
        }

        graph.Result("FinalStates", last);
        if (kind == Encode)
            return graph.Build();
        var headWeight = graph.AddParameter(
            "HeadWeight", HeadTableName, vocabulary, width, Initialization.Normal, (float)Math.Pow(spec.Width, -0.5));
        var headBias = graph.AddParameter("HeadBias", HeadBiasName, vocabulary, null, Initialization.Zeros);
        graph.Heading("softmax of both directions");
        var samples = options.SampledTokens > 0 ? SampleInputs.Of(options.SampledTokens, LossInputs.OfDirectedRows) : null;
        graph.Head(graph.Dropout("Features", last), headWeight, headBias, LossInputs.OfDirectedRows, samples);
        return graph.Build();

        Value EmbedTokens()
        {
            var table = graph.AddParameter("TokenTable", TokenTableName, vocabulary, width, Initialization.Normal, TableDeviation);
            graph.Heading("embedding, for both directions");
            return graph.Lookup("States", new LookupPart(GraphInput.DirectedTokens, table));
        }

        LstmWeights Weights(string name, int direction) => WeightsOf(
            graph, name, $"RNN_{direction}/RNN/MultiRNNCell/Cell{{layer}}/LSTMCell/", width, cells, isBackward: direction == 1, options.CellClip,
            options.ProjectionClip);
    }

    /// <summary>The weights of an LSTM of one direction.</summary>
    internal static LstmWeights WeightsOf(
        GraphBuilder graph, string name, string file, Dimension width, Dimension cells, bool isBackward, float cellClip = 0,
        float projectionClip = 0)
    {
        var gates = Dimension.Quadruple(cells);
        // What reads the layer's input and what reads the step before are one tensor of files.
        var both = graph.AddParameter(
            name + "Weight", file + "W_0", Dimension.Double(gates), width, Initialization.Normal, Glorot(2 * width.Size, gates.Size),
            StoredLayout.StackedConv1D);
        return new(
            graph.AddSlice(name + "InputWeight", both, 0, gates), graph.AddSlice(name + "RecurrentWeight", both, gates.Size, gates),
            graph.AddParameter(name + "Bias", file + "B", gates, null, Initialization.Zeros),
            graph.AddParameter(
                name + "ProjectionWeight", file + "W_P_0", width, cells, Initialization.Normal, Glorot(cells.Size, width.Size),
                StoredLayout.Conv1D),
            new(name + "Recurrence", isBackward, cellClip, projectionClip));
    }

    internal static ConfigKey Held(string name, object value) => new(name, value) { IsHeld = true };

    /// <summary>A key that bilm-tf reads with Python's <c>get</c>: null and absence mean that there is none of it.</summary>
    internal static ConfigKey OrNone(string name, object value, object none) =>
        new(name, value) { IsHeld = true, Absent = none, IsNullAbsent = true };

    /// <summary>The deviation of Glorot and Bengio's uniform distribution (2010).</summary>
    internal static float Glorot(int inputs, int outputs) => (float)Math.Sqrt(2.0 / ((double)inputs + outputs));
}
