using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>
/// Decoders without an encoder: learned positions, blocks of attention and MLP normalised before or after each sublayer, a head that is the
/// token table or its own. Families differ in sizes, names in files and how residual projections begin. Names are Hugging Face's.
/// </summary>
internal abstract class DecoderOnly : Architecture
{
    private const string TokenHead = "lm_head";
    private const string TokenHeadName = TokenHead + ".weight";
    private const string ClassifierName = "clf_head";
    private const string ChooserName = "multiple_choice_head.summary";
    private const string LayerPrefix = "h.";
    private const int Gpt2Vocabulary = 50257;

    private static readonly GraphKind Train = new(
        "Train", "ComputeForward", "What training computes: values that the backward pass reads are kept for every layer.", IsDifferentiated: true);

    private static readonly GraphKind PrefillLast = new(
        "PrefillLast", "PrefillLast", "What a prefill computes when only each prompt's last logits are wanted.");

    private static readonly GraphKind PrefillAll = new("PrefillAll", "PrefillAll", "What a prefill computes when every row's logits are wanted.");

    private static readonly GraphKind Decode = new("Decode", "DecodeRows", "What decoding one token a sequence computes.");

    private static readonly GraphKind Score = new("Score", "ScoreExamples", "What scoring computes: up to the task head's scores.");

    private static readonly GraphInput LastRows = new("LastRows", InputKind.Integers, Extent.Sequence, "Each sequence's last row.");

    /// <summary>Hugging Face's class of the language model.</summary>
    protected abstract string ClassName { get; }

    /// <summary>The key of config.json that names the activation function.</summary>
    protected abstract ConfigKey Activation(ActivationKind activation);

    /// <summary>The token table's name in files.</summary>
    protected abstract string TokenTableName { get; }

    /// <summary>The position table's name in files.</summary>
    protected abstract string PositionTableName { get; }

    /// <summary>Standard deviation of the initial weights of the projections that end a residual branch.</summary>
    protected abstract float ResidualDeviation(ModelSpec spec);

    public sealed override (string Class, string Interface) Bases(bool hasHead) => (hasHead ? "TaskModel" : "LanguageModel", "ILanguageModel");

    public sealed override string? HeadName(HeadKind head) => head.Subject switch
    {
        HeadSubject.Texts => ClassifierName,
        HeadSubject.Choices => ChooserName,
        // What stands behind a token would not count.
        _ => null,
    };

    public sealed override FileNaming Naming(ModelSpec spec) => new()
    {
        Prefix = "transformer.",
        LayerPrefix = LayerPrefix,
        Heads = [TokenHead, ClassifierName, ChooserName.Substring(0, ChooserName.IndexOf('.'))],
        TokenTensors = spec.TiedHead ? [TokenTableName] : [TokenTableName, TokenHeadName],
        Copies = spec.TiedHead ? [(TokenHeadName, TokenTableName)] : [],
        // Old exports saved the causal mask as if it were a weight.
        Ignored = [".attn.bias", ".attn.masked_bias", ".attn.mask", "position_ids"],
    };

    public sealed override IReadOnlyList<ConfigKey> Config(ModelSpec spec)
    {
        // Without a tokenizer only GPT-2's own vocabulary is known to have an end-of-text token. The default of readers would lie outside a smaller
        // one.
        int? endOfText = spec.Vocabulary == Gpt2Vocabulary ? Gpt2Vocabulary - 1 : null;
        return
        [
            new("architectures", new[] { ClassName }),
            new("model_type", Family),
            Activation(spec.Activation),
            new("n_layer", spec.Layers),
            new("n_head", spec.Heads) { Absent = 12, OtherNames = ["num_attention_heads"] },
            new("n_embd", spec.Width),
            new("n_positions", spec.Context),
            new("n_ctx", spec.Context),
            new("n_inner", spec.HiddenWidth == 4L * spec.Width ? null : spec.HiddenWidth),
            new("vocab_size", spec.TableRows),
            new("layer_norm_epsilon", spec.Epsilon) { Absent = 1e-5f, OtherNames = ["layer_norm_eps"] },
            new("attn_pdrop", spec.Dropout),
            new("embd_pdrop", spec.Dropout),
            new("resid_pdrop", spec.Dropout),
            new("initializer_range", spec.InitialDeviation),
            new("tie_word_embeddings", spec.TiedHead) { Absent = true },
            new("scale_attn_weights", true),
            new("torch_dtype", "float32"),
            .. spec.Head is { } head ? HeadKind.ByAttribute[head.Attribute].Config(spec, head) : [],
            new("bos_token_id", endOfText),
            new("eos_token_id", endOfText),
        ];
    }

    public sealed override string? Tokenizer(ModelSpec spec) => spec.TableRows switch
    {
        256 => "bytes",
        >= Gpt2Vocabulary => "gpt2",
        _ => null,
    };

    public sealed override IReadOnlyList<GraphClass> Graphs(ModelSpec spec)
    {
        GraphClass inference = new("Inference", "LanguageInferenceGraph", [PrefillLast, PrefillAll, Decode])
        {
            Sizes = ["slots", "capacity", "prefillRows", "logitRows"],
        };
        return spec.Head is null
            ? [new("Training", "LanguageTrainingGraph", [Train]), inference]
            : [new("Training", "TaskTrainingGraph", [Train]), inference, new("Scoring", "ScoringGraph", [Score])];
    }

    public sealed override ModelGraph Build(ModelSpec spec, GraphKind kind)
    {
        var graph = new GraphBuilder(kind) { HasBiases = spec.Biases };
        var blocks = new LoopId("Layers", spec.Layers, LayerPrefix + "{layer}.");
        var width = Dimension.Of("Width", spec.Width, "Width of the residual stream.");
        var hidden = Dimension.Of("HiddenWidth", spec.HiddenWidth, "Width of the MLP's hidden layer.");
        var vocabulary = Dimension.Padded("Vocabulary", spec.TableRows, "Number of tokens.");
        var context = Dimension.Of("Context", spec.Context, "Number of positions.");
        var heads = new HeadsOperand("AttentionHeads", width, spec.Heads, AttentionMask.Causal);
        var deviation = spec.InitialDeviation;
        var residualDeviation = ResidualDeviation(spec);

        Parameter Matrix(string name, string file, Dimension rows, Dimension columns, float sigma) =>
            graph.AddParameter(name, file, rows, columns, Initialization.Normal, sigma, StoredLayout.Conv1D);
        (Parameter Gain, Parameter? Bias) Norm(string name, string file) =>
            (graph.AddParameter(name + "Gain", file + ".weight", width, null, Initialization.Ones),
                graph.AddBias(name + "Bias", file + ".bias", width));

        var tokenTable = graph.AddParameter("TokenTable", TokenTableName, vocabulary, width, Initialization.Normal, deviation);
        var positionTable = graph.AddParameter("PositionTable", PositionTableName, context, width, Initialization.Normal, deviation);

        graph.Heading("embedding");
        var embedded = graph.Embed("Residual", tokenTable, positionTable);
        graph.ResultOfLayers("StatesOf", embedded);
        var last = graph.Repeat(blocks, embedded, kind == PrefillLast ? LastRows : null, (x, read) =>
        {
            var norm1 = Norm("Ln1", "ln_1");
            var qkvWeight = Matrix("QkvWeight", "attn.c_attn.weight", Dimension.Triple(width), width, deviation);
            var qkvBias = graph.AddBias("QkvBias", "attn.c_attn.bias", Dimension.Triple(width));
            var projectionWeight = Matrix("ProjectionWeight", "attn.c_proj.weight", width, width, residualDeviation);
            var projectionBias = graph.AddBias("ProjectionBias", "attn.c_proj.bias", width);
            var norm2 = Norm("Ln2", "ln_2");
            var expandWeight = Matrix("ExpandWeight", "mlp.c_fc.weight", hidden, width, deviation);
            var expandBias = graph.AddBias("ExpandBias", "mlp.c_fc.bias", hidden);
            var contractWeight = Matrix("ContractWeight", "mlp.c_proj.weight", width, hidden, residualDeviation);
            var contractBias = graph.AddBias("ContractBias", "mlp.c_proj.bias", width);

            Value Attend(string name, Value residual, Value input)
            {
                var qkv = graph.Linear("Qkv", input, qkvWeight, qkvBias);
                var attended = kind == Decode ? graph.AttentionDecode("Attended", qkv, heads)
                    : kind == PrefillLast || kind == PrefillAll ? graph.AttentionPrefill("Attended", qkv, heads)
                    : graph.Attention("Attended", qkv, heads);
                return graph.LinearResidual(
                    name, "Projected", read("ReadResidual", residual), read("ReadAttended", attended), projectionWeight, projectionBias);
            }

            Value Transform(string name, Value residual, Value input)
            {
                var activated = graph.LinearActivation("Activated", "Expanded", input, expandWeight, expandBias, spec.Activation);
                return graph.LinearResidual(name, "Contracted", residual, activated, contractWeight, contractBias);
            }

            graph.Heading("attention");
            if (spec.LayerNorm == NormPlacement.After)
            {
                var normalized = graph.LayerNorm("Ln1", Attend("AttentionSum", x, x), norm1.Gain, norm1.Bias, spec.Epsilon);
                graph.Heading("MLP");
                return graph.LayerNorm("Ln2", Transform("MlpSum", normalized, normalized), norm2.Gain, norm2.Bias, spec.Epsilon);
            }

            var ln1 = graph.LayerNorm("Ln1", x, norm1.Gain, norm1.Bias, spec.Epsilon);
            var middle = Attend("Middle", x, ln1);
            var ln2 = graph.LayerNorm("Ln2", middle, norm2.Gain, norm2.Bias, spec.Epsilon);
            graph.Heading("MLP");
            return Transform("Residual", middle, ln2);
        });

        graph.Heading("head");
        if (spec.LayerNorm == NormPlacement.Before)
        {
            var final = Norm("FinalLn", "ln_f");
            last = graph.LayerNorm("FinalLn", last, final.Gain, final.Bias, spec.Epsilon);
        }

        var headWeight = spec.TiedHead
            ? tokenTable
            : graph.AddParameter("HeadWeight", TokenHeadName, vocabulary, width, Initialization.Normal, deviation);
        graph.Result("FinalStates", last);
        if (spec.Head is { } head && (kind == Train || kind == Score))
        {
            var task = HeadKind.ByAttribute[head.Attribute];
            task.Build(graph, spec, head, HeadName(task)!, width, () =>
            {
                graph.Extent = Extent.Pooled;
                return graph.Pool("Features", last);
            });
        }

        if (kind != Score)
            graph.Head(last, headWeight, bias: null, LossInputs.OfRows);
        return graph.Build();
    }
}
