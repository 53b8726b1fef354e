using GptGen.Generator.Diagnostics;
using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>
/// Transformer-XL (Dai et al. 2019, "Attentive Language Models Beyond a Fixed-Length Context"), as Hugging Face's transfo-xl has it, whose names
/// these are.
/// </summary>
internal sealed class TransformerXL : Architecture
{
    private const string MemoryOption = "MemoryLength";
    private const string ClampOption = "ClampLength";
    private const string UntiedOption = "UntiedBiases";
    private const string LayerPrefix = "layers.{layer}.";
    private const int DefaultMemory = 150;

    private static readonly GraphKind Train = new(
        "Train", "ComputeForward", "What training computes: values that the backward pass reads are kept for every layer.", IsDifferentiated: true);

    private static readonly GraphKind Project = new(
        "Distances", "ProjectDistances", "What each layer makes of the distances, before tokens are read.");

    private static readonly GraphKind Read = new("Read", "ReadRows", "Some tokens of each of some sequences, which others follow.");

    private static readonly GraphKind Decode = new("Decode", "DecodeRows", "One token for each of some sequences, and the logits of what follows.");

    public override string Family => "transfo-xl";

    public override SpecDefaults Defaults => new(Context: 150, Vocabulary: 50257, Dropout: 0.1f, NormPlacement.After, ActivationKind.Relu)
    {
        Layers = 16,
        Heads = 10,
        Width = 410,
    };

    public override IReadOnlyList<string> Options =>
    [
        MemoryOption, ClampOption, UntiedOption, AdaptiveVocabulary.CutoffsOption, AdaptiveVocabulary.DivisorOption, AdaptiveVocabulary.UntiedOption,
    ];

    public override string? HeadName(HeadKind head) => null;

    public override int HeadTokens => 0;

    public override IReadOnlyList<(string Member, int Value)> Details(ModelSpec spec) =>
    [
        (MemoryOption, Memory(spec)), ("Distances", spec.Context + Memory(spec)), (ClampOption, spec.Option(ClampOption, 0)),
        .. spec.Option(AdaptiveVocabulary.DivisorOption, 1) is > 1 and var divisor
            ? [(AdaptiveVocabulary.DivisorOption, divisor)]
            : Array.Empty<(string, int)>(),
    ];

    public override IReadOnlyList<(string Member, IReadOnlyList<int> Values)> Lists(ModelSpec spec) =>
        [(AdaptiveVocabulary.CutoffsOption, new AdaptiveVocabulary(spec).Cutoffs)];

    public override IReadOnlyList<(string Name, int Value, string Summary)> Constants(ModelSpec spec) =>
        [(MemoryOption, Memory(spec), "The most rows of a layer's memory.")];

    public override double LayerParameters(ModelSpec spec) => base.LayerParameters(spec) + ((double)spec.Layers * spec.Width * spec.Width);

    public override IEnumerable<SpecProblem> Problems(ModelSpec spec)
    {
        if (Memory(spec) is < 0 or > MostMemory)
            yield return new(Descriptors.OutOfRange, MemoryOption, MemoryOption, Memory(spec), $"at least 0 and at most {MostMemory}");
        if (spec.Option(ClampOption, 0) is < 0 and var clamp)
            yield return new(Descriptors.OutOfRange, ClampOption, ClampOption, clamp, "at least 0, which is no limit");
        if (spec.Width > 0 && spec.Width % 2 != 0)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.Width), nameof(spec.Width), spec.Width, "even: distances are pairs of sine and cosine");
        if (spec.LayerNorm != NormPlacement.After)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.LayerNorm), nameof(spec.LayerNorm), spec.LayerNorm, "After, where Transformer-XL normalises");
        if (spec.Activation != ActivationKind.Relu)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.Activation), nameof(spec.Activation), spec.Activation, "Relu, which Transformer-XL's files mean");
        if (!spec.TiedHead)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.TiedHead), nameof(spec.TiedHead), "false", "true: Transformer-XL has one token table for both");
        if (!spec.Biases)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.Biases), nameof(spec.Biases), "false", "true: Transformer-XL has them where it has them");
        foreach (var problem in new AdaptiveVocabulary(spec).Problems())
            yield return problem;
    }

    public override (string Class, string Interface) Bases(bool hasHead) => ("SegmentModel", "IModel");

    public override FileNaming Naming(ModelSpec spec) => new()
    {
        Prefix = "transformer.",
        LayerPrefix = "layers.",
        Heads = ["crit"],
        TokenTensors = [AdaptiveVocabulary.TokenTable, AdaptiveVocabulary.HeadBias],
        Copies = [.. new AdaptiveVocabulary(spec).Copies(), .. LayersBiases(spec)],
        ClusterTensors = new AdaptiveVocabulary(spec).ClusterTensors,
        // The frequencies of the sinusoids.
        Ignored = ["pos_emb.inv_freq"],
    };

    public override IReadOnlyList<ConfigKey> Config(ModelSpec spec) =>
    [
        new("architectures", new[] { "TransfoXLLMHeadModel" }),
        new("model_type", Family),
        Size("vocab_size", spec.Vocabulary, absent: 267735),
        Size("d_model", spec.Width, absent: 1024),
        Size("d_embed", spec.Width, absent: 1024),
        Size("n_head", spec.Heads, absent: 16),
        Size("d_head", spec.Width / Math.Max(1, spec.Heads), absent: 64),
        Size("d_inner", spec.HiddenWidth, absent: 4096),
        Size("n_layer", spec.Layers, absent: 18),
        new("tgt_len", spec.Context),
        new("mem_len", Memory(spec)) { Absent = 1600 },
        new("clamp_len", spec.Option(ClampOption, 0) is > 0 and var clamp ? clamp : -1) { IsHeld = true, Absent = 1000 },
        .. new AdaptiveVocabulary(spec).Config(),
        Size("sample_softmax", -1, absent: -1),
        Size("ext_len", 0, absent: 0),
        Size("attn_type", 0, absent: 0),
        Flag("pre_lnorm", false, absent: false),
        Flag("untie_r", IsUntied(spec), absent: true),
        Flag("same_length", false, absent: true, isHeld: false),
        Flag("tie_weight", true, absent: true),
        Flag("tie_word_embeddings", true, absent: true),
        new("activation_function", "relu") { IsHeld = true, Absent = "relu" },
        new("dropout", spec.Dropout),
        new("dropatt", 0f),
        new("layer_norm_epsilon", spec.Epsilon) { Absent = 1e-5f },
        new("initializer_range", spec.InitialDeviation),
        new("eos_token_id", 0),
        new("torch_dtype", "float32"),
    ];

    public override string? Tokenizer(ModelSpec spec) => null;

    public override IReadOnlyList<GraphClass> Graphs(ModelSpec spec) =>
    [
        new("Training", "SegmentTrainingGraph", [Train]),
        new("Inference", "SegmentInferenceGraph", [Project, Read, Decode]) { Sizes = ["slots", "capacity"] },
    ];

    public override ModelGraph Build(ModelSpec spec, GraphKind kind)
    {
        var graph = new GraphBuilder(kind);
        var width = Dimension.Of("Width", spec.Width, "Width of the residual stream.");
        var hidden = Dimension.Of("HiddenWidth", spec.HiddenWidth, "Width of the MLP's hidden layer.");
        var distances = Dimension.Of("DistanceRange", spec.Context + Memory(spec), "Number of distances between rows that see each other.");
        var headCount = Dimension.Of("HeadCount", spec.Heads, "Number of attention heads.");
        var headSize = Dimension.Of("HeadSize", spec.Width / spec.Heads, "Width of an attention head.");
        var heads = new HeadsOperand("CausalHeads", width, spec.Heads, AttentionMask.Causal);
        LoopId layers = new("Layers", spec.Layers, LayerPrefix);

        var shared = IsUntied(spec) ? default : Biases("");
        var vocabulary = new AdaptiveVocabulary(spec);
        var tables = vocabulary.AddTables(graph, width);
        var distanceTable = graph.AddConstant(
            new("DistanceTable", "pos_emb.weight", distances, width, null, StoredLayout.Linear, Initialization.Sinusoids, 0) { IsStored = false });

        var sinusoids = kind == Train || kind == Project ? Distances() : null;
        if (kind == Project)
        {
            graph.Repeat(layers, [], _ =>
            {
                graph.ProjectDistances(sinusoids!, Matrix("Distance", "dec_attn.r_net", width, width));
                return [];
            });
            return graph.Build();
        }

        graph.Heading("embedding");
        var embedded = vocabulary.Embed(graph, kind == Train ? "Embedded" : "Residual", tables, (float)Math.Sqrt(spec.Width));
        if (kind == Train)
            embedded = graph.Dropout("Residual", embedded);
        graph.ResultOfLayers("StatesOf", embedded);
        var last = graph.Repeat(layers, embedded, x => Transform(Attend(x)));
        if (kind == Read)
            return graph.Build();
        graph.Result("FinalStates", last);
        graph.Heading("head");
        vocabulary.Head(graph, kind == Train ? graph.Dropout("Features", last) : last, tables);
        return graph.Build();

        Value Distances()
        {
            graph.Heading("distances");
            var rows = graph.Lookup("DistanceRows", new LookupPart(GraphInput.Distances, distanceTable));
            return kind == Train ? graph.Dropout("Sinusoids", rows) : rows;
        }

        (Parameter Content, Parameter Position) Biases(string prefix) => (
            graph.AddParameter("ContentBias", prefix + "r_w_bias", headCount, headSize, Initialization.Normal, spec.InitialDeviation),
            graph.AddParameter("PositionBias", prefix + "r_r_bias", headCount, headSize, Initialization.Normal, spec.InitialDeviation));

        Value Attend(Value x)
        {
            var (contentBias, positionBias) = IsUntied(spec) ? Biases("dec_attn.") : shared;
            var qkv = Matrix("Qkv", "dec_attn.qkv_net", Dimension.Triple(width), width);
            var projection = Matrix("Projection", "dec_attn.o_net", width, width);
            var norm = Norm("Ln1", "dec_attn.layer_norm");
            var distance = Matrix("Distance", "dec_attn.r_net", width, width);
            graph.Heading(kind == Train ? "attention to memory and segment" : "attention to what came before");
            var packed = graph.Linear("Qkv", kind == Train ? graph.JoinMemory("Joined", x) : x, qkv, null);
            var attended = kind == Train
                ? graph.RelativeAttention("Attended", packed, graph.Linear("Distances", sinusoids!, distance, null), contentBias, positionBias, heads)
                : graph.RelativeDecode("Attended", packed, contentBias, positionBias, heads);
            return Normalize("Ln1", graph.LinearResidual("AttentionSum", "Projected", x, attended, projection, null), norm);
        }

        Value Transform(Value x)
        {
            var expand = Layer("Expand", "pos_ff.CoreNet.0", hidden, width);
            var contract = Layer("Contract", "pos_ff.CoreNet.3", width, hidden);
            var norm = Norm("Ln2", "pos_ff.layer_norm");
            graph.Heading("MLP");
            var activated = graph.LinearActivation("Activated", "Expanded", x, expand.Weight, expand.Bias, spec.Activation);
            var sum = graph.LinearResidual(
                "MlpSum", "Contracted", x, kind == Train ? graph.Dropout("Dropped", activated) : activated, contract.Weight, contract.Bias);
            return Normalize("Ln2", sum, norm);
        }

        Value Normalize(string name, Value x, (Parameter Gain, Parameter Bias) norm) =>
            graph.LayerNorm(name, x, norm.Gain, norm.Bias, spec.Epsilon);

        Parameter Matrix(string name, string file, Dimension rows, Dimension columns) =>
            graph.AddParameter(name + "Weight", file + ".weight", rows, columns, Initialization.Normal, spec.InitialDeviation);

        (Parameter Weight, Parameter Bias) Layer(string name, string file, Dimension rows, Dimension columns) =>
            (Matrix(name, file, rows, columns), graph.AddParameter(name + "Bias", file + ".bias", rows, null, Initialization.Zeros));

        (Parameter Gain, Parameter Bias) Norm(string name, string file) => (
            graph.AddParameter(name + "Gain", file + ".weight", width, null, Initialization.Ones),
            graph.AddParameter(name + "Bias", file + ".bias", width, null, Initialization.Zeros));
    }

    /// <summary>Where all layers have the same biases, files repeat them for each.</summary>
    private static IEnumerable<(string Name, string Meaning)> LayersBiases(ModelSpec spec) => IsUntied(spec)
        ? []
        : Enumerable.Range(0, spec.Layers).SelectMany(
            layer => new[] { "r_w_bias", "r_r_bias" }.Select(name => ($"layers.{layer}.dec_attn.{name}", name)));

    /// <summary>More rows of memory than this are a mistake.</summary>
    private const int MostMemory = 1 << 20;

    private static int Memory(ModelSpec spec) => spec.Option(MemoryOption, DefaultMemory);

    private static bool IsUntied(ModelSpec spec) => spec.Option(UntiedOption, 0) != 0;

    private static ConfigKey Size(string name, int size, int absent) => new(name, size) { IsHeld = true, Absent = absent };

    private static ConfigKey Flag(string name, bool value, bool absent, bool isHeld = true) => new(name, value) { IsHeld = isHeld, Absent = absent };
}
