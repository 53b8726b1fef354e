using GptGen.Generator.Diagnostics;
using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>
/// The encoder-decoder Transformer (Vaswani et al. 2017, "Attention is all you need") as Hugging Face's Marian has it, whose names these are.
/// </summary>
internal sealed class Seq2Seq : Architecture
{
    private const string DecoderLayersOption = "DecoderLayers";
    private const string StartTokenOption = "StartToken";
    private const string EndTokenOption = "EndToken";
    private const string EncoderPrefix = "encoder.layers.";
    private const string DecoderPrefix = "decoder.layers.";
    private const string TokenTableName = "shared.weight";
    private const string HeadBiasName = "final_logits_bias";

    /// <summary>The attributes' default, which stands for weights that begin as the paper's.</summary>
    private const float NoDeviation = 0.02f;

    private static readonly GraphKind Train = new(
        "Train", "ComputeForward", "What training computes: values that the backward pass reads are kept for every layer.", IsDifferentiated: true);

    private static readonly GraphKind Read = new(
        "Read", "ReadSources", "What reading sources computes: the keys and values that the decoder's layers look at.");

    private static readonly GraphKind Decode = new("Decode", "DecodeRows", "What decoding one token a sequence computes.");

    public override string Family => "marian";

    public override SpecDefaults Defaults => new(Context: 512, Vocabulary: 37000, Dropout: 0.1f, NormPlacement.After, ActivationKind.Relu)
    {
        Layers = 6,
        Heads = 8,
        Width = 512,
    };

    public override IReadOnlyList<string> Options => [DecoderLayersOption, StartTokenOption, EndTokenOption];

    public override string? HeadName(HeadKind head) => null;

    public override int HeadTokens => 0;

    public override IReadOnlyList<(string Member, int Value)> Details(ModelSpec spec) =>
        [("EncoderLayers", spec.Layers), ("StartToken", StartToken(spec)), ("EndToken", EndToken(spec))];

    public override double LayerParameters(ModelSpec spec) =>
        base.LayerParameters(spec) + (DecoderLayers(spec) * ((8.0 * spec.Width * spec.Width) + (2.0 * spec.Width * spec.HiddenWidth)));

    public override IEnumerable<SpecProblem> Problems(ModelSpec spec)
    {
        if (DecoderLayers(spec) < 1 && spec.Layers > 0)
            yield return new(Descriptors.NotPositive, DecoderLayersOption, DecoderLayersOption, DecoderLayers(spec));
        else if (DecoderLayers(spec) > SpecValidator.MostLayers)
            yield return new(
                Descriptors.OutOfRange, DecoderLayersOption, DecoderLayersOption, DecoderLayers(spec), $"at most {SpecValidator.MostLayers}");
        foreach (var (name, token) in new[] { (StartTokenOption, StartToken(spec)), (EndTokenOption, EndToken(spec)) })
        {
            if (spec.Vocabulary > 0 && (token < 0 || token >= spec.Vocabulary))
                yield return new(Descriptors.OutOfRange, name, name, token, $"a token of the vocabulary, from 0 to {spec.Vocabulary - 1}");
        }

        if (spec.Width > 0 && spec.Width % 2 != 0)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.Width), nameof(spec.Width), spec.Width, "even: positions are pairs of sine and cosine");
        if (spec.LayerNorm != NormPlacement.After)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.LayerNorm), nameof(spec.LayerNorm), spec.LayerNorm, "After, where an encoder-decoder normalises");
        if (!spec.TiedHead)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.TiedHead), nameof(spec.TiedHead), "false",
                "true: an encoder-decoder has one token table for all");
        if (spec.InitialDeviation != NoDeviation)
            yield return new(
                Descriptors.OutOfRange, nameof(spec.InitialDeviation), nameof(spec.InitialDeviation), spec.InitialDeviation,
                "left out: an encoder-decoder's weights begin as Glorot and Bengio have it");
    }

    public override (string Class, string Interface) Bases(bool hasHead) => ("TranslationModel", "IModel");

    public override FileNaming Naming(ModelSpec spec) => new()
    {
        Prefix = "model.",
        LayerPrefix = DecoderPrefix,
        Heads = [HeadBiasName, "lm_head"],
        TokenTensors = [TokenTableName],
        Copies =
        [
            ("lm_head.weight", TokenTableName), ("encoder.embed_tokens.weight", TokenTableName), ("decoder.embed_tokens.weight", TokenTableName),
        ],
        // Old files saved the sinusoids as if they were weights.
        Ignored = ["embed_positions.weight"],
    };

    public override IReadOnlyList<ConfigKey> Config(ModelSpec spec) =>
    [
        new("architectures", new[] { "MarianMTModel" }),
        new("model_type", Family),
        new("is_encoder_decoder", true) { IsHeld = true, Absent = true },
        new("vocab_size", spec.Vocabulary),
        new("decoder_vocab_size", spec.Vocabulary) { IsHeld = true },
        Size("d_model", spec.Width, absent: 1024),
        Size("encoder_layers", spec.Layers, absent: 12),
        Size("decoder_layers", DecoderLayers(spec), absent: 12),
        new("num_hidden_layers", spec.Layers) { IsHeld = true },
        Size("encoder_attention_heads", spec.Heads, absent: 16),
        Size("decoder_attention_heads", spec.Heads, absent: 16),
        Size("encoder_ffn_dim", spec.HiddenWidth, absent: 4096),
        Size("decoder_ffn_dim", spec.HiddenWidth, absent: 4096),
        new("activation_function", ActivationName(spec.Activation)) { Absent = "gelu" },
        new("dropout", spec.Dropout),
        new("attention_dropout", 0f),
        new("activation_dropout", 0f),
        new("max_position_embeddings", spec.Context) { Absent = 1024 },
        new("layer_norm_eps", spec.Epsilon) { Absent = 1e-5f },
        Flag("scale_embedding", true, absent: false),
        Flag("static_position_embeddings", true, absent: true),
        Flag("normalize_before", false, absent: false),
        Flag("normalize_embedding", false, absent: false),
        Flag("add_final_layer_norm", false, absent: false),
        Flag("add_bias_logits", false, absent: false),
        Flag("share_encoder_decoder_embeddings", true, absent: true),
        new("tie_word_embeddings", true) { Absent = true },
        new("decoder_start_token_id", StartToken(spec)) { IsHeld = true },
        new("pad_token_id", StartToken(spec)),
        new("bos_token_id", null),
        new("eos_token_id", EndToken(spec)),
        new("torch_dtype", "float32"),
    ];

    public override string? Tokenizer(ModelSpec spec) => null;

    public override IReadOnlyList<GraphClass> Graphs(ModelSpec spec) =>
    [
        new("Training", "TranslationTrainingGraph", [Train]),
        new("Inference", "TranslationInferenceGraph", [Read, Decode]) { Sizes = ["slots", "capacity", "sources", "sourceLength"] },
    ];

    public override ModelGraph Build(ModelSpec spec, GraphKind kind)
    {
        var graph = new GraphBuilder(kind) { HasBiases = spec.Biases };
        var width = Dimension.Of("Width", spec.Width, "Width of the residual stream.");
        var hidden = Dimension.Of("HiddenWidth", spec.HiddenWidth, "Width of the MLP's hidden layer.");
        var vocabulary = Dimension.Padded("Vocabulary", spec.Vocabulary, "Number of tokens.");
        var context = Dimension.Of("Context", spec.Context, "Number of positions.");
        var full = new HeadsOperand("FullHeads", width, spec.Heads, AttentionMask.Full);
        var causal = new HeadsOperand("CausalHeads", width, spec.Heads, AttentionMask.Causal);
        var layers = new Layers(graph, spec, width, hidden);
        LoopId encoder = new("EncoderLayers", spec.Layers, EncoderPrefix + "{layer}.", "Number of the encoder's blocks.");
        LoopId decoder = new("DecoderLayers", DecoderLayers(spec), DecoderPrefix + "{layer}.", "Number of the decoder's blocks.");

        var tokenTable = graph.AddParameter(
            "TokenTable", TokenTableName, vocabulary, width, Initialization.Normal, (float)Math.Pow(spec.Width, -0.5));
        var positionTable = graph.AddConstant(
            new("PositionTable", "embed_positions.weight", context, width, null, StoredLayout.Linear, Initialization.Sinusoids, 0)
            {
                IsStored = false,
            });
        var headBias = graph.AddConstant(
            new("HeadBias", HeadBiasName, vocabulary, null, null, StoredLayout.Row, Initialization.Zeros, 0) { IsFrozen = true });

        Value Embed(string name, GraphInput tokens, GraphInput positions) => graph.Dropout(
            name + "Residual",
            graph.Lookup(name + "Embedded", new(tokens, tokenTable, (float)Math.Sqrt(spec.Width)), new(positions, positionTable)));

        Value Encode()
        {
            graph.Heading("source embedding");
            var source = Embed("Source", GraphInput.SourceTokens, GraphInput.SourcePositions);
            graph.ResultOfLayers("SourceStatesOf", source);
            return graph.Repeat(encoder, source, x => layers.Transform("Source", layers.SelfAttend("Source", x, full)));
        }

        var memory = kind == Decode ? null : Encode();
        if (kind == Read)
        {
            graph.Repeat(decoder, [], _ =>
            {
                layers.StoreMemory(memory!, full);
                return [];
            });
            return graph.Build();
        }

        graph.Heading("embedding");
        var embedded = Embed("", GraphInput.Tokens, GraphInput.Positions);
        graph.ResultOfLayers("StatesOf", embedded);
        var last = graph.Repeat(decoder, embedded, x => layers.Transform("", layers.CrossAttend(layers.SelfAttend("", x, causal), memory, full)));
        graph.Result("FinalStates", last);
        graph.Heading("head");
        graph.Head(last, tokenTable, headBias, LossInputs.OfRows);
        return graph.Build();
    }

    private static ConfigKey Size(string name, int size, int absent) => new(name, size) { IsHeld = true, Absent = absent };

    private static ConfigKey Flag(string name, bool value, bool absent) => new(name, value) { IsHeld = true, Absent = absent };

    private static int DecoderLayers(ModelSpec spec) => spec.Option(DecoderLayersOption, spec.Layers);

    private static int StartToken(ModelSpec spec) => spec.Option(StartTokenOption, spec.Vocabulary - 1);

    private static int EndToken(ModelSpec spec) => spec.Option(EndTokenOption, 0);

    /// <summary>The parts of a block, each with its parameters, a residual sum and its normalisation.</summary>
    private sealed class Layers(GraphBuilder graph, ModelSpec spec, Dimension width, Dimension hidden)
    {
        public Value SelfAttend(string prefix, Value x, HeadsOperand heads)
        {
            var qkv = Packed(prefix + "Qkv", "self_attn", Dimension.Triple(width), "q", "k", "v");
            var projection = Layer(prefix + "Projection", "self_attn.out_proj", width, width);
            var norm = Norm(prefix + "Ln1", "self_attn_layer_norm");
            graph.Heading("attention");
            var projected = Apply(prefix + "Qkv", x, qkv);
            var attended = graph.Kind == Decode
                ? graph.AttentionDecode(prefix + "Attended", projected, heads)
                : graph.Attention(prefix + "Attended", projected, heads, new AbsentOperand());
            return Normalize(prefix + "Ln1", Add(prefix + "AttentionSum", prefix + "Projected", x, attended, projection), norm);
        }

        /// <param name="x">What looks.</param>
        /// <param name="memory">What it looks at; null where its keys and values are in the cache.</param>
        /// <param name="heads">The heads.</param>
        public Value CrossAttend(Value x, Value? memory, HeadsOperand heads)
        {
            var query = Layer("CrossQuery", "encoder_attn.q_proj", width, width);
            var keysAndValues = KeysAndValues();
            var projection = Layer("CrossProjection", "encoder_attn.out_proj", width, width);
            var norm = Norm("CrossLn", "encoder_attn_layer_norm");
            graph.Heading("attention to the source");
            var queries = Apply("CrossQuery", x, query);
            var attended = memory is null
                ? graph.AttentionCached("CrossAttended", queries, heads)
                : graph.CrossAttention("CrossAttended", queries, Apply("CrossKeyValue", memory, keysAndValues), heads);
            return Normalize("CrossLn", Add("CrossSum", "CrossProjected", x, attended, projection), norm);
        }

        /// <summary>Puts the keys and values of what is looked at into the cache.</summary>
        public void StoreMemory(Value memory, HeadsOperand heads) =>
            graph.StoreKeysAndValues(Apply("CrossKeyValue", memory, KeysAndValues()), heads);

        public Value Transform(string prefix, Value x)
        {
            var expand = Layer(prefix + "Expand", "fc1", hidden, width);
            var contract = Layer(prefix + "Contract", "fc2", width, hidden);
            var norm = Norm(prefix + "Ln2", "final_layer_norm");
            graph.Heading("MLP");
            var activated = graph.LinearActivation(prefix + "Activated", prefix + "Expanded", x, expand.Weight, expand.Bias, spec.Activation);
            return Normalize(prefix + "Ln2", Add(prefix + "MlpSum", prefix + "Contracted", x, activated, contract), norm);
        }

        private (Parameter Weight, Parameter? Bias) KeysAndValues() =>
            Packed("CrossKeyValue", "encoder_attn", Dimension.Double(width), "k", "v");

        private Value Add(string name, string branchName, Value residual, Value x, (Parameter Weight, Parameter? Bias) layer) =>
            graph.LinearResidual(name, branchName, residual, x, layer.Weight, layer.Bias);

        private Value Normalize(string name, Value x, (Parameter Gain, Parameter? Bias) norm) =>
            graph.LayerNorm(name, x, norm.Gain, norm.Bias, spec.Epsilon);

        private Value Apply(string name, Value x, (Parameter Weight, Parameter? Bias) layer) => graph.Linear(name, x, layer.Weight, layer.Bias);

        /// <summary>Projections side by side, which files keep apart.</summary>
        private (Parameter Weight, Parameter? Bias) Packed(string name, string file, Dimension rows, params string[] words)
        {
            var parts = words.Select(word => new StoredPart(word, width.Size)).ToArray();
            var sigma = Deviation(width, width.Size);
            file = $"{file}.{Parameter.PartWord}_proj";
            return (
                graph.AddParameter(name + "Weight", file + ".weight", rows, width, Initialization.Normal, sigma).StoredIn(parts),
                graph.AddBias(name + "Bias", file + ".bias", rows, parts));
        }

        private (Parameter Weight, Parameter? Bias) Layer(string name, string file, Dimension rows, Dimension columns) => (
            graph.AddParameter(name + "Weight", file + ".weight", rows, columns, Initialization.Normal, Deviation(columns, rows.Size)),
            graph.AddBias(name + "Bias", file + ".bias", rows));

        private (Parameter Gain, Parameter? Bias) Norm(string name, string file) => (
            graph.AddParameter(name + "Gain", file + ".weight", width, null, Initialization.Ones),
            graph.AddBias(name + "Bias", file + ".bias", width));

        // A layer begins with the variance of Glorot and Bengio (2010): 2 / (inputs + outputs).
        private static float Deviation(Dimension inputs, int outputs) => (float)Math.Sqrt(2.0 / ((double)inputs.Size + outputs));
    }
}
