using GptGen.Generator.Diagnostics;
using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>
/// BERT (Devlin et al. 2018): an encoder of both directions, trained to predict masked tokens and whether a text follows another. Names are Hugging
/// Face's.
/// </summary>
internal sealed class Bert : Architecture
{
    private const string TypesOption = "TokenTypes";
    private const string LayerPrefix = "encoder.layer.";
    private const string TokenTableName = "embeddings.word_embeddings.weight";
    private const string TokenHeadName = "cls.predictions.decoder.weight";
    private const string TokenHeadBiasName = "cls.predictions.bias";
    private const string Pooler = "pooler";
    private const string PoolerLayer = Pooler + ".dense";
    private const string Classifier = "classifier";
    private const string SpanHead = "qa_outputs";

    private static readonly GraphKind Train = new(
        "Train", "ComputeForward", "What training computes: values that the backward pass reads are kept for every layer.", IsDifferentiated: true);

    private static readonly GraphKind Score = new("Score", "ScoreExamples", "What scoring computes: up to the task head's scores.");

    private static readonly GraphKind Encode = new("Encode", "EncodeRows", "What encoding computes: the final states and the pooled ones.");

    /// <summary>One a masked token that is predicted: fewer than there are rows.</summary>
    private static readonly Extent Prediction = new("predictions", "PredictionCount", Region.Rows);

    private static readonly GraphInput TypesOfTokens = new("TokenTypes", InputKind.Integers, Extent.Row, "Token types, one a row.");

    private static readonly GraphInput FirstRows = new("FirstRows", InputKind.Integers, Extent.Sequence, "Each sequence's first row.");

    /// <summary>The rows that losses read of what the last layer leaves: predicted ones and first ones, each once.</summary>
    private static readonly GraphInput ReadRows = new(
        "ReadRows", InputKind.Integers, new("read", "ReadRowCount", Region.Rows), "The rows that are predicted or a sequence's first, each once.");

    private static readonly GraphInput PredictedPlaces = new(
        "PredictedPlaces", InputKind.Integers, Prediction, "Where the rows whose tokens are predicted are among those that are read.");

    private static readonly GraphInput FirstPlaces = new(
        "FirstPlaces", InputKind.Integers, Extent.Sequence, "Where each sequence's first row is among those that are read.");

    private static readonly LossInputs Predictions = new(
        new("PredictedTokens", InputKind.Integers, Prediction, "The tokens to predict, one a prediction."),
        new("PredictionWeights", InputKind.Statistics, Prediction, "Weights of the predictions' losses."),
        new("PredictionLosses", InputKind.Statistics, Prediction, "Losses, one a prediction."));

    private static readonly LossInputs NextSentences = new(
        new("NextLabels", InputKind.Integers, Extent.Sequence, "0 where a sequence's second text follows its first, otherwise 1."),
        new("SequenceWeights", InputKind.Statistics, Extent.Sequence, "Weights of the sequences' losses."),
        new("SequenceLosses", InputKind.Statistics, Extent.Sequence, "Losses, one a sequence."));

    public override string Family => "bert";

    public override SpecDefaults Defaults =>
        new(Context: 512, Vocabulary: 30522, Dropout: 0.1f, NormPlacement.After, ActivationKind.GeluErf, Epsilon: 1e-12f);

    public override IReadOnlyList<string> Options => [TypesOption];

    public override int HeadTokens => 0;

    public override IReadOnlyList<(string Member, int Value)> Details(ModelSpec spec) => [("TokenTypes", TokenTypes(spec))];

    public override IEnumerable<SpecProblem> Problems(ModelSpec spec)
    {
        if (TokenTypes(spec) is < 1 and var types)
            yield return new(Descriptors.NotPositive, TypesOption, TypesOption, types);
        if (spec.LayerNorm != NormPlacement.After)
            yield return new(Descriptors.OutOfRange, nameof(spec.LayerNorm), nameof(spec.LayerNorm), spec.LayerNorm, "After, where BERT normalises");
    }

    public override (string Class, string Interface) Bases(bool hasHead) => (hasHead ? "EncoderTaskModel" : "MaskedModel", "IModel");

    public override bool HasLanguageModelBesideHead => false;

    public override string? HeadName(HeadKind head) => head.Subject == HeadSubject.Span ? SpanHead : Classifier;

    public override FileNaming Naming(ModelSpec spec)
    {
        var body = new FileNaming
        {
            Prefix = "bert.",
            LayerPrefix = LayerPrefix,
            Heads = ["cls", Classifier, SpanHead],
            TokenTensors = [TokenTableName],
            Aliases = [("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias")],
            Ignored = ["embeddings.position_ids", "embeddings.token_type_ids"],
        };
        if (spec.Head is { } head)
        {
            // A head that does not read the pooler passes over that of the weights which it continues.
            return HasPooler(HeadKind.ByAttribute[head.Attribute])
                ? body with { OptionalParts = [Pooler] }
                : body with { Ignored = [.. body.Ignored, PoolerLayer + ".weight", PoolerLayer + ".bias"] };
        }

        return body with
        {
            OptionalParts = [Pooler, "cls.predictions", "cls.seq_relationship"],
            TokenTensors = spec.TiedHead ? [TokenTableName, TokenHeadBiasName] : [TokenTableName, TokenHeadName, TokenHeadBiasName],
            Copies =
            [
                .. spec.TiedHead ? [(TokenHeadName, TokenTableName)] : Array.Empty<(string, string)>(),
                ("cls.predictions.decoder.bias", TokenHeadBiasName),
            ],
        };
    }

    public override IReadOnlyList<ConfigKey> Config(ModelSpec spec) =>
    [
        new("architectures", new[] { ClassName(spec.Head) }),
        new("model_type", Family),
        new("vocab_size", spec.TableRows),
        new("hidden_size", spec.Width),
        new("num_hidden_layers", spec.Layers),
        new("num_attention_heads", spec.Heads) { Absent = 12 },
        new("intermediate_size", spec.HiddenWidth),
        new("hidden_act", ActivationName(spec.Activation)) { Absent = "gelu" },
        new("hidden_dropout_prob", spec.Dropout),
        new("attention_probs_dropout_prob", spec.Dropout),
        new("max_position_embeddings", spec.Context),
        new("type_vocab_size", TokenTypes(spec)) { Absent = 2 },
        new("initializer_range", spec.InitialDeviation),
        new("layer_norm_eps", spec.Epsilon) { Absent = 1e-12f },
        new("position_embedding_type", "absolute") { IsHeld = true, Absent = "absolute" },
        new("pad_token_id", 0),
        new("tie_word_embeddings", spec.TiedHead) { Absent = true },
        new("torch_dtype", "float32"),
        .. spec.Head is { } head ? HeadKind.ByAttribute[head.Attribute].Config(spec, head) : [],
    ];

    public override string? Tokenizer(ModelSpec spec) => null;

    public override IReadOnlyList<GraphClass> Graphs(ModelSpec spec) => spec.Head is null
        ? [new("Training", "MaskedTrainingGraph", [Train]), new("Encoding", "MaskedEncodingGraph", [Encode])]
        : [new("Training", "EncoderTaskTrainingGraph", [Train]), new("Scoring", "ScoringGraph", [Score])];

    public override ModelGraph Build(ModelSpec spec, GraphKind kind)
    {
        var graph = new GraphBuilder(kind) { HasBiases = spec.Biases };
        var blocks = new LoopId("Layers", spec.Layers, LayerPrefix + "{layer}.");
        var width = Dimension.Of("Width", spec.Width, "Width of the residual stream.");
        var hidden = Dimension.Of("HiddenWidth", spec.HiddenWidth, "Width of the MLP's hidden layer.");
        var vocabulary = Dimension.Padded("Vocabulary", spec.TableRows, "Number of tokens.");
        var context = Dimension.Of("Context", spec.Context, "Number of positions.");
        var types = Dimension.Of("TokenTypeCount", TokenTypes(spec), "Number of token types.");
        var heads = new HeadsOperand("AttentionHeads", width, spec.Heads, AttentionMask.Full);

        Parameter Matrix(string name, string file, Dimension rows, Dimension columns) =>
            graph.AddParameter(name, file + ".weight", rows, columns, Initialization.Normal, spec.InitialDeviation);
        (Parameter Weight, Parameter? Bias) Layer(string name, string file, Dimension rows, Dimension columns, params StoredPart[] parts)
        {
            var weight = Matrix(name + "Weight", file, rows, columns);
            return (parts.Length > 0 ? weight.StoredIn(parts) : weight, graph.AddBias(name + "Bias", file + ".bias", rows, parts));
        }

        (Parameter Gain, Parameter? Bias) Norm(string name, string file) =>
            (graph.AddParameter(name + "Gain", file + ".weight", width, null, Initialization.Ones),
                graph.AddBias(name + "Bias", file + ".bias", width));
        Value Apply(string name, Value x, (Parameter Weight, Parameter? Bias) layer) => graph.Linear(name, x, layer.Weight, layer.Bias);
        Value Activate(string name, string beforeName, Value x, (Parameter Weight, Parameter? Bias) layer, ActivationKind activation) =>
            graph.LinearActivation(name, beforeName, x, layer.Weight, layer.Bias, activation);
        Value Add(string name, string branchName, Value residual, Value x, (Parameter Weight, Parameter? Bias) layer) =>
            graph.LinearResidual(name, branchName, residual, x, layer.Weight, layer.Bias);
        Value Normalize(string name, Value x, (Parameter Gain, Parameter? Bias) norm) =>
            graph.LayerNorm(name, x, norm.Gain, norm.Bias, spec.Epsilon);

        var tokenTable = graph.AddParameter("TokenTable", TokenTableName, vocabulary, width, Initialization.Normal, spec.InitialDeviation);
        var positionTable = Matrix("PositionTable", "embeddings.position_embeddings", context, width);
        var typeTable = Matrix("TokenTypeTable", "embeddings.token_type_embeddings", types, width);
        var embeddingNorm = Norm("EmbeddingLn", "embeddings.LayerNorm");

        graph.Heading("embedding");
        var embedded = graph.Lookup(
            "Embedded", new(GraphInput.Tokens, tokenTable), new(GraphInput.Positions, positionTable), new(TypesOfTokens, typeTable));
        var first = graph.Dropout("Residual", Normalize("EmbeddingLn", embedded, embeddingNorm));
        graph.ResultOfLayers("StatesOf", first);
        var read = RowsReadOf(spec, kind);
        var last = graph.Repeat(blocks, first, read, (x, pick) =>
        {
            var triple = Dimension.Triple(width);
            StoredPart[] parts = [new("query", width.Size), new("key", width.Size), new("value", width.Size)];
            var qkv = Layer("Qkv", $"attention.self.{Parameter.PartWord}", triple, width, parts);
            var projection = Layer("Projection", "attention.output.dense", width, width);
            var norm1 = Norm("Ln1", "attention.output.LayerNorm");
            var expand = Layer("Expand", "intermediate.dense", hidden, width);
            var contract = Layer("Contract", "output.dense", width, hidden);
            var norm2 = Norm("Ln2", "output.LayerNorm");

            graph.Heading("attention");
            var attended = graph.Attention("Attended", Apply("Qkv", x, qkv), heads);
            var sum = Add("AttentionSum", "Projected", pick("ReadResidual", x), pick("ReadAttended", attended), projection);
            var normalized = Normalize("Ln1", sum, norm1);
            graph.Heading("MLP");
            var activated = Activate("Activated", "Expanded", normalized, expand, spec.Activation);
            return Normalize("Ln2", Add("MlpSum", "Contracted", normalized, activated, contract), norm2);
        });
        graph.Result("FinalStates", last);
        if (spec.Head is { } head)
        {
            var task = HeadKind.ByAttribute[head.Attribute];
            if (HasPooler(task))
            {
                var features = Pool();
                task.Build(graph, spec, head, HeadName(task)!, width, () => graph.Dropout("Features", features));
            }
            else if (task.Subject == HeadSubject.Tokens)
            {
                task.Build(graph, spec, head, HeadName(task)!, width, () => graph.Dropout("Features", last));
            }
            else
            {
                task.Build(graph, spec, head, HeadName(task)!, width, () => last);
            }

            return graph.Build();
        }

        var pooled = Pool();
        graph.Result("PooledStates", pooled);
        if (kind == Encode)
            return graph.Build();

        var headWeight = spec.TiedHead
            ? tokenTable
            : graph.AddParameter("HeadWeight", TokenHeadName, vocabulary, width, Initialization.Normal, spec.InitialDeviation);
        var headBias = graph.AddBias("HeadBias", TokenHeadBiasName, vocabulary);
        var transform = Layer("Transform", "cls.predictions.transform.dense", width, width);
        var transformNorm = Norm("TransformLn", "cls.predictions.transform.LayerNorm");
        var next = Layer("Next", "cls.seq_relationship", Dimension.Of("NextClasses", 2, "Follows, or does not."), width);

        graph.Heading("next sentence");
        var scores = Apply("NextScores", pooled, next);
        graph.Result("NextScores", scores);
        graph.Heading("masked tokens");
        var transformed = Activate(
            "TransformActivated", "Transformed", graph.Gather("Predicted", last, PredictedPlaces), transform, spec.Activation);
        var states = Normalize("TransformLn", transformed, transformNorm);
        graph.CrossEntropy(scores, NextSentences);
        graph.Head(states, headWeight, headBias, Predictions);
        return graph.Build();

        Value Pool()
        {
            var pooler = Layer("Pooler", PoolerLayer, width, width);
            graph.Heading("pooler");
            var states = read == FirstRows ? last : graph.Gather("First", last, read is null ? FirstRows : FirstPlaces);
            return Activate("Pooled", "PoolerSum", states, pooler, ActivationKind.Tanh);
        }
    }

    /// <summary>The rows that are read of what the last layer leaves; null for all of them.</summary>
    private static GraphInput? RowsReadOf(ModelSpec spec, GraphKind kind)
    {
        if (kind == Encode)
            return null;
        if (spec.Head is not { } head)
            return ReadRows;
        var task = HeadKind.ByAttribute[head.Attribute];
        return HasPooler(task) ? FirstRows : task.Subject == HeadSubject.Tokens ? ExampleInputs.LabelledRows : null;
    }

    private static int TokenTypes(ModelSpec spec) => spec.Option(TypesOption, 2);

    /// <summary>Whether a head reads each sequence's pooled state.</summary>
    private static bool HasPooler(HeadKind head) => head.Subject is HeadSubject.Texts or HeadSubject.Choices;

    /// <summary>Hugging Face's class.</summary>
    private static string ClassName(HeadSpec? head) => head is null ? "BertForPreTraining" : HeadKind.ByAttribute[head.Attribute].Subject switch
    {
        HeadSubject.Choices => "BertForMultipleChoice",
        HeadSubject.Tokens => "BertForTokenClassification",
        HeadSubject.Span => "BertForQuestionAnswering",
        _ => "BertForSequenceClassification",
    };
}
