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
    private const string CellClipOption = "CellClip";
    private const string ProjectionClipOption = "ProjectionClip";
    private const string FiltersOption = "Filters";
    private const string CharacterWidthOption = "CharacterWidth";
    private const string HighwayOption = "HighwayLayers";
    private const string SampledOption = "SampledTokens";
    private const string TokenTableName = "embedding";
    private const string CharacterTableName = "char_embed";
    private const string SoftmaxPart = "softmax";
    private const string MixName = "input_ELMo_W";
    private const string GammaName = "input_ELMo_gamma";
    private const string Classifier = "classifier";
    private const string HeadTableName = SoftmaxPart + "/W";
    private const string HeadBiasName = SoftmaxPart + "/b";

    /// <summary>Of a uniform distribution between -1 and 1, which tables begin with there.</summary>
    private const float TableDeviation = 0.57735027f;

    /// <summary>Of a uniform distribution between -0.05 and 0.05, which filters begin with.</summary>
    private const float FilterDeviation = 0.05f * TableDeviation;

    /// <summary>The bytes of words, the marks of a text's and of a word's beginning and end, and padding.</summary>
    private const int CharacterCount = 261;

    private const int DefaultCharacterWidth = 16;
    private const int DefaultHighwayLayers = 2;

    private const float DefaultClip = 3;

    private static readonly GraphKind Train = new(
        "Train", "ComputeForward", "What training computes: values that the backward pass reads are kept for every layer.", IsDifferentiated: true);

    private static readonly GraphKind Score = new("Score", "ScoreExamples", "What scoring computes: up to the task head's scores.");

    /// <summary>The row of each sequence at which the LSTM that reads forward has read it all.</summary>
    private static readonly GraphInput LastRows = new(
        "LastRows", InputKind.Integers, Extent.Sequence, "Each sequence's last row, of those that are read forward.");

    /// <summary>The row at which the other has.</summary>
    private static readonly GraphInput FirstRows = new(
        "FirstRows", InputKind.Integers, Extent.Sequence, "Each sequence's first row, of those that are read backward.");

    private static readonly GraphInput LabelledBackward = new(
        "LabelledBackward", InputKind.Integers, ExampleInputs.LabelledRows.Extent,
        "The rows of the tokens that have labels, of those that are read backward.");

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

    public override IReadOnlyList<string> Options => [FiltersOption, CharacterWidthOption, HighwayOption, SampledOption];

    public override IReadOnlyList<string> Numbers => [CellClipOption, ProjectionClipOption];

    public override string HiddenName => "Cells";

    public override bool HasAttention => false;

    public override string? HeadName(HeadKind head) => head.Subject == HeadSubject.Span ? null : Classifier + ".scores";

    public override bool HasLanguageModelBesideHead => false;

    public override bool FramesByEnds => true;

    public override int HeadTokens => 0;

    public override IReadOnlyList<(string Member, int Value)> Details(ModelSpec spec) =>
    [
        ("StateElements", checked(2 * spec.Layers * (spec.HiddenWidth + spec.Width))),
        .. ReadsCharacters(spec) ? [("CharactersPerToken", GraphInput.CharactersPerToken)] : Array.Empty<(string, int)>(),
    ];

    public override double LayerParameters(ModelSpec spec)
    {
        var features = Filters(spec).Sum(count => (double)count);
        return (2.0 * spec.Layers * 9.0 * spec.HiddenWidth * spec.Width) + (features * ((2.0 * HighwayLayers(spec) * features) + spec.Width))
            + Filters(spec).Select((count, index) => (double)count * (index + 1) * CharacterWidth(spec)).Sum();
    }

    public override IEnumerable<SpecProblem> Problems(ModelSpec spec)
    {
        foreach (var name in Numbers)
        {
            if (!(Clip(spec, name) >= 0 && Clip(spec, name) < float.PositiveInfinity))
                yield return new(Descriptors.OutOfRange, name, name, Clip(spec, name), "at least 0, which is no limit, and finite");
        }

        if (Filters(spec).Count > GraphInput.CharactersPerToken)
            yield return new(
                Descriptors.OutOfRange, FiltersOption, FiltersOption, $"{Filters(spec).Count} widths",
                $"at most {GraphInput.CharactersPerToken}, the characters of a word");
        else if (Filters(spec).Where(count => count is < 1 or > MostCells).Select(count => (int?)count).FirstOrDefault() is { } filters)
            yield return new(Descriptors.OutOfRange, FiltersOption, FiltersOption, filters, $"at least 1 and at most {MostCells} of each width");
        if (spec.Head is not null && ReadsCharacters(spec))
            yield return new(
                Descriptors.OutOfRange, FiltersOption, FiltersOption, "given", "left out beside a task head, which reads tokens from a table");
        if (CharacterWidth(spec) is < 1 or > MostCells)
            yield return new(
                Descriptors.OutOfRange, CharacterWidthOption, CharacterWidthOption, CharacterWidth(spec), $"at least 1 and at most {MostCells}");
        if (HighwayLayers(spec) is < 0 or > SpecValidator.MostLayers)
            yield return new(
                Descriptors.OutOfRange, HighwayOption, HighwayOption, HighwayLayers(spec), $"at least 0 and at most {SpecValidator.MostLayers}");
        if (SampledTokens(spec) < 0 || SampledTokens(spec) > spec.Vocabulary)
            yield return new(
                Descriptors.OutOfRange, SampledOption, SampledOption, SampledTokens(spec),
                $"at least 0, for all tokens, and at most {spec.Vocabulary}, the vocabulary");
        if (spec.HiddenWidth > MostCells)
            yield return new(Descriptors.OutOfRange, HiddenName, HiddenName, spec.HiddenWidth, $"at most {MostCells}");
    }

    public override (string Class, string Interface) Bases(bool hasHead) => (hasHead ? "EncoderTaskModel" : "BidirectionalModel", "IModel");

    public override FileNaming Naming(ModelSpec spec) => new()
    {
        Heads = [SoftmaxPart, MixName, GammaName, Classifier],
        OptionalParts = spec.Head is null ? [SoftmaxPart] : [],
        TokenTensors =
        [
            .. ReadsCharacters(spec) ? Array.Empty<string>() : [TokenTableName],
            .. spec.Head is null ? [HeadTableName, HeadBiasName] : Array.Empty<string>(),
        ],
    };

    public override IReadOnlyList<ConfigKey> Config(ModelSpec spec) =>
    [
        new("model_type", Family),
        Held("lstm.dim", spec.HiddenWidth),
        Held("lstm.projection_dim", spec.Width),
        new("lstm.n_layers", spec.Layers) { IsHeld = true, Absent = 1 },
        OrNone("lstm.cell_clip", Clip(spec, CellClipOption), 0f),
        OrNone("lstm.proj_clip", Clip(spec, ProjectionClipOption), 0f),
        // One layer has nothing to skip.
        spec.Layers == 1 ? new("lstm.use_skip_connections", true) : OrNone("lstm.use_skip_connections", true, false),
        .. ReadsCharacters(spec) ? CharacterKeys(spec) : [],
        Held("bidirectional", true),
        Held("n_tokens_vocab", spec.Vocabulary),
        new("dropout", spec.Dropout),
        new("torch_dtype", "float32"),
        .. spec.Head is { } head ? HeadKind.ByAttribute[head.Attribute].Config(spec, head) : [],
    ];

    public override string? Tokenizer(ModelSpec spec) => null;

    public override IReadOnlyList<GraphClass> Graphs(ModelSpec spec) => spec.Head is not null
        ? [new("Training", "EncoderTaskTrainingGraph", [Train]), new("Scoring", "ScoringGraph", [Score])]
        : [new("Training", "BidirectionalTrainingGraph", [Train]), new("Encoding", "BidirectionalEncodingGraph", [Encode])];

    public override ModelGraph Build(ModelSpec spec, GraphKind kind)
    {
        var graph = new GraphBuilder(kind);
        var width = Dimension.Of("Width", spec.Width, "Width of what a layer reads and gives in one direction.");
        var cells = Dimension.Of(HiddenName, spec.HiddenWidth, "Cells of an LSTM.");
        var vocabulary = Dimension.Padded("Vocabulary", spec.Vocabulary, "Number of tokens.");
        LoopId layers = new("Layers", spec.Layers, "", "Number of layers, each with an LSTM a direction.");

        // What a task reads stays as it is.
        var isFrozen = spec.Head is not null;
        graph.Freezes = isFrozen;
        var first = ReadsCharacters(spec) ? EmbedCharacters() : EmbedTokens();
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
            BuildHead(head, last);
            return graph.Build();
        }

        graph.Result("FinalStates", last);
        if (kind == Encode)
            return graph.Build();
        var headWeight = graph.AddParameter(
            "HeadWeight", HeadTableName, vocabulary, width, Initialization.Normal, (float)Math.Pow(spec.Width, -0.5));
        var headBias = graph.AddParameter("HeadBias", HeadBiasName, vocabulary, null, Initialization.Zeros);
        graph.Heading("softmax of both directions");
        var samples = SampledTokens(spec) > 0 ? SampleInputs.Of(SampledTokens(spec), LossInputs.OfDirectedRows) : null;
        graph.Head(graph.Dropout("Features", last), headWeight, headBias, LossInputs.OfDirectedRows, samples);
        return graph.Build();

        Value EmbedTokens()
        {
            var table = graph.AddParameter("TokenTable", TokenTableName, vocabulary, width, Initialization.Normal, TableDeviation);
            graph.Heading("embedding, for both directions");
            return graph.Lookup("States", new LookupPart(GraphInput.DirectedTokens, table));
        }

        Value EmbedCharacters()
        {
            var characterWidth = Dimension.Of("CharacterWidth", CharacterWidth(spec), "Width of a character's embedding.");
            var features = Dimension.Of("FilterCount", Filters(spec).Sum(), "Number of filters of all widths.");
            var table = graph.AddParameter(
                "CharacterTable", CharacterTableName, Dimension.Of("CharacterCount", CharacterCount, "Number of characters."), characterWidth,
                Initialization.Normal, TableDeviation);
            var filters = Filters(spec).Select((count, index) =>
            {
                var seen = index + 1;
                var group = Dimension.Of($"FilterCount{seen}", count, $"Filters that see {seen} character{(seen == 1 ? "" : "s")} at once.");
                var window = seen == 1
                    ? characterWidth
                    : Dimension.Of($"Window{seen}", checked(seen * characterWidth.Size), $"Width of {seen} characters side by side.");
                return new CharacterFilters(
                    graph.AddParameter(
                        $"Filters{seen}Weight", $"CNN/W_cnn_{index}", group, window, Initialization.Normal, FilterDeviation, StoredLayout.Convolution,
                        seen),
                    graph.AddParameter($"Filters{seen}Bias", $"CNN/b_cnn_{index}", group, null, Initialization.Zeros));
            }).ToArray();
            graph.Heading("features of characters, for both directions");
            var x = graph.CharacterConvolution(
                "CharacterFeatures", GraphInput.DirectedCharacters, table, features, ActivationKind.Relu, filters);
            for (var layer = 0; layer < HighwayLayers(spec); layer++)
                x = Highway(layer, features, x);
            var projection = graph.AddParameter(
                "CharacterProjectionWeight", "CNN_proj/W_proj", width, features, Initialization.Normal, (float)Math.Pow(features.Size, -0.5),
                StoredLayout.Conv1D);
            var projectionBias = graph.AddParameter("CharacterProjectionBias", "CNN_proj/b_proj", width, null, Initialization.Zeros);
            graph.Heading("embedding");
            return graph.Linear("States", x, projection, projectionBias);
        }

        Value Highway(int layer, Dimension features, Value x)
        {
            StoredPart[] parts = [new("transform", features.Size), new("carry", features.Size)];
            var name = $"Highway{layer + 1}";
            var weight = graph.AddParameter(
                name + "Weight", $"CNN_high_{layer}/W_{Parameter.PartWord}", Dimension.Double(features), features, Initialization.Normal,
                (float)Math.Pow(features.Size, -0.5), StoredLayout.Conv1D).StoredIn(parts);
            var bias = graph.AddParameter(
                name + "Bias", $"CNN_high_{layer}/b_{Parameter.PartWord}", Dimension.Double(features), null, Initialization.HighwayBias)
                .StoredIn(parts);
            graph.Heading("highway");
            return graph.Highway(name, graph.Linear(name + "Gates", x, weight, bias), x);
        }

        // The layers mixed, and an LSTM of the task's own in each direction.
        void BuildHead(HeadSpec head, Value last)
        {
            var task = HeadKind.ByAttribute[head.Attribute];
            var mixWeights = graph.AddParameter(
                "MixWeights", MixName, Dimension.Of("MixedLayers", spec.Layers + 1, "Layers that are mixed, the embedding among them."), null,
                Initialization.Zeros);
            var gamma = graph.AddParameter("Gamma", GammaName, Dimension.Of("Scale", 1, "The mix's factor."), null, Initialization.Ones);
            graph.Heading("mix of the layers");
            var mixed = graph.Dropout("Mixed", graph.MixLayers("Mix", last, mixWeights, gamma));
            var taskCells = Dimension.Of("TaskCells", checked(2 * spec.Width), "Cells of the task's LSTMs.");
            graph.Heading("LSTMs of the task");
            var states = graph.Lstm(
                "TaskLstm", mixed, taskCells, WeightsOf("TaskForward", Classifier + ".RNN_0.", taskCells, isBackward: false),
                WeightsOf("TaskBackward", Classifier + ".RNN_1.", taskCells, isBackward: true), hasState: false);
            // Layers are small where the language models are young, and what is made of them is smaller still.
            var normalized = graph.LayerNorm(
                "StatesLn", states, graph.AddParameter("StatesLnGain", Classifier + ".ln.weight", width, null, Initialization.Ones),
                graph.AddParameter("StatesLnBias", Classifier + ".ln.bias", width, null, Initialization.Zeros), spec.Epsilon);
            graph.Result("FinalStates", normalized);
            var isOfTokens = task.Subject == HeadSubject.Tokens;
            var extent = graph.Extent;
            var forward = graph.Gather("ForwardStates", normalized, isOfTokens ? ExampleInputs.LabelledRows : LastRows);
            var backward = graph.Gather("BackwardStates", normalized, isOfTokens ? LabelledBackward : FirstRows);
            var forwardWeight = Matrix("ForwardFeaturesWeight", Classifier + ".forward.weight");
            var backwardWeight = Matrix("BackwardFeaturesWeight", Classifier + ".backward.weight");
            var bias = graph.AddParameter("FeaturesBias", Classifier + ".bias", width, null, Initialization.Zeros);
            var sum = graph.Sum(
                "FeaturesSum", graph.Linear("ForwardFeatures", forward, forwardWeight, bias),
                graph.Linear("BackwardFeatures", backward, backwardWeight, null));
            var features = graph.Dropout("Features", graph.Activate("Activated", sum, ActivationKind.Tanh));
            task.Build(graph, spec, head, HeadName(task)!, width, () => features);
            graph.Extent = extent;

            Parameter Matrix(string name, string file) =>
                graph.AddParameter(name, file, width, width, Initialization.Normal, Glorot(2 * spec.Width, spec.Width));
        }

        LstmWeights Weights(string name, int direction) => WeightsOf(
            name, $"RNN_{direction}/RNN/MultiRNNCell/Cell{{layer}}/LSTMCell/", cells, isBackward: direction == 1,
            Clip(spec, CellClipOption), Clip(spec, ProjectionClipOption));

        LstmWeights WeightsOf(string name, string file, Dimension cells, bool isBackward, float cellClip = 0, float projectionClip = 0)
        {
            var gates = Dimension.Quadruple(cells);
            // What reads the layer's input and what reads the step before are one tensor of files.
            var both = graph.AddParameter(
                name + "Weight", file + "W_0", Dimension.Double(gates), width, Initialization.Normal, Glorot(2 * spec.Width, gates.Size),
                StoredLayout.StackedConv1D);
            return new(
                graph.AddSlice(name + "InputWeight", both, 0, gates), graph.AddSlice(name + "RecurrentWeight", both, gates.Size, gates),
                graph.AddParameter(name + "Bias", file + "B", gates, null, Initialization.Zeros),
                graph.AddParameter(
                    name + "ProjectionWeight", file + "W_P_0", width, cells, Initialization.Normal, Glorot(cells.Size, spec.Width),
                    StoredLayout.Conv1D),
                new(name + "Recurrence", isBackward, cellClip, projectionClip));
        }
    }

    private static IReadOnlyList<ConfigKey> CharacterKeys(ModelSpec spec) =>
    [
        Held("char_cnn.activation", "relu"),
        Held("char_cnn.filters", Filters(spec).Select((count, index) => new[] { index + 1, count }).ToArray()),
        OrNone("char_cnn.n_highway", HighwayLayers(spec), 0),
        Held("char_cnn.embedding.dim", CharacterWidth(spec)),
        // One more once a row stands for no character.
        new("char_cnn.n_characters", CharacterCount),
        Held("char_cnn.max_characters_per_token", GraphInput.CharactersPerToken),
    ];

    private static ConfigKey Held(string name, object value) => new(name, value) { IsHeld = true };

    /// <summary>A key that bilm-tf reads with Python's <c>get</c>: null and absence mean that there is none of it.</summary>
    private static ConfigKey OrNone(string name, object value, object none) =>
        new(name, value) { IsHeld = true, Absent = none, IsNullAbsent = true };

    /// <summary>More cells than this are a mistake.</summary>
    private const int MostCells = 1 << 24;

    private static bool ReadsCharacters(ModelSpec spec) => Filters(spec).Count > 0;

    /// <summary>Numbers of filters that see 1, 2, 3… characters.</summary>
    private static IReadOnlyList<int> Filters(ModelSpec spec) => spec.ListOption(FiltersOption);

    private static int CharacterWidth(ModelSpec spec) => spec.Option(CharacterWidthOption, DefaultCharacterWidth);

    private static int SampledTokens(ModelSpec spec) => spec.Option(SampledOption, 0);

    private static int HighwayLayers(ModelSpec spec) => spec.Option(HighwayOption, DefaultHighwayLayers);

    private static float Clip(ModelSpec spec, string name) => spec.Number(name, DefaultClip);

    /// <summary>The deviation of Glorot and Bengio's uniform distribution (2010).</summary>
    private static float Glorot(int inputs, int outputs) => (float)Math.Sqrt(2.0 / ((double)inputs + outputs));
}
