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
    private const string TokenTableName = "embedding";
    private const string SoftmaxPart = "softmax";
    private const string HeadTableName = SoftmaxPart + "/W";
    private const string HeadBiasName = SoftmaxPart + "/b";

    /// <summary>Of a uniform distribution between -1 and 1, which tables begin with there.</summary>
    private const float TableDeviation = 0.57735027f;

    private const float DefaultClip = 3;

    private static readonly GraphKind Train = new(
        "Train", "ComputeForward", "What training computes: values that the backward pass reads are kept for every layer.", IsDifferentiated: true);

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

    public override IReadOnlyList<string> Numbers => [CellClipOption, ProjectionClipOption];

    public override string HiddenName => "Cells";

    public override bool HasAttention => false;

    public override string? HeadName(TaskHead head) => null;

    public override int HeadTokens => 0;

    public override IReadOnlyList<(string Member, int Value)> Details(ModelSpec spec) =>
        [("StateElements", checked(2 * spec.Layers * (spec.HiddenWidth + spec.Width)))];

    public override double LayerParameters(ModelSpec spec) => 2.0 * spec.Layers * ((8.0 * spec.HiddenWidth) + spec.HiddenWidth) * spec.Width;

    public override IEnumerable<SpecProblem> Problems(ModelSpec spec)
    {
        foreach (var name in Numbers)
        {
            if (!(Clip(spec, name) >= 0 && Clip(spec, name) < float.PositiveInfinity))
                yield return new(Descriptors.OutOfRange, name, name, Clip(spec, name), "at least 0, which is no limit, and finite");
        }

        if (spec.HiddenWidth > MostCells)
            yield return new(Descriptors.OutOfRange, HiddenName, HiddenName, spec.HiddenWidth, $"at most {MostCells}");
    }

    public override (string Class, string Interface) Bases(bool hasHead) => ("BidirectionalModel", "IModel");

    public override FileNaming Naming(ModelSpec spec) => new()
    {
        Heads = [SoftmaxPart],
        OptionalParts = [SoftmaxPart],
        TokenTensors = [TokenTableName, HeadTableName, HeadBiasName],
    };

    public override IReadOnlyList<ConfigKey> Config(ModelSpec spec) =>
    [
        new("model_type", Family),
        new("n_tokens_vocab", spec.Vocabulary),
        new("projection_dim", spec.Width),
        new("dim", spec.HiddenWidth),
        new("n_layers", spec.Layers),
        new("cell_clip", Clip(spec, CellClipOption)) { IsHeld = true },
        new("proj_clip", Clip(spec, ProjectionClipOption)) { IsHeld = true },
        new("use_skip_connections", true) { IsHeld = true },
        new("bidirectional", true) { IsHeld = true },
        new("unroll_steps", spec.Context),
        new("dropout", spec.Dropout),
        new("torch_dtype", "float32"),
    ];

    public override string? Tokenizer(ModelSpec spec) => null;

    public override IReadOnlyList<GraphClass> Graphs(ModelSpec spec) =>
        [new("Training", "BidirectionalTrainingGraph", [Train]), new("Encoding", "BidirectionalEncodingGraph", [Encode])];

    public override ModelGraph Build(ModelSpec spec, GraphKind kind)
    {
        var graph = new GraphBuilder(kind);
        var width = Dimension.Of("Width", spec.Width, "Width of what a layer reads and gives in one direction.");
        var cells = Dimension.Of(HiddenName, spec.HiddenWidth, "Cells of an LSTM.");
        var vocabulary = Dimension.Padded("Vocabulary", spec.Vocabulary, "Number of tokens.");
        LoopId layers = new("Layers", spec.Layers, "", "Number of layers, each with an LSTM a direction.");

        var tokenTable = graph.AddParameter("TokenTable", TokenTableName, vocabulary, width, Initialization.Normal, TableDeviation);
        graph.Heading("embedding, for both directions");
        var first = graph.Lookup("States", new LookupPart(GraphInput.DirectedTokens, tokenTable));
        graph.ResultOfLayers("StatesOf", first);
        var last = graph.Repeat(layers, first, x =>
        {
            var (forward, backward) = (Weights("Forward", 0), Weights("Backward", 1));
            graph.Heading("LSTMs of both directions");
            var read = graph.Dropout("Read", x);
            return graph.Skip("LayerStates", read, graph.Lstm("Lstm", read, cells, forward, backward));
        });
        graph.Result("FinalStates", last);
        if (kind == Encode)
            return graph.Build();
        var headWeight = graph.AddParameter(
            "HeadWeight", HeadTableName, vocabulary, width, Initialization.Normal, (float)Math.Pow(spec.Width, -0.5));
        var headBias = graph.AddParameter("HeadBias", HeadBiasName, vocabulary, null, Initialization.Zeros);
        graph.Heading("softmax of both directions");
        graph.Head(graph.Dropout("Features", last), headWeight, headBias, LossInputs.OfDirectedRows);
        return graph.Build();

        LstmWeights Weights(string name, int direction)
        {
            var file = $"RNN_{direction}/RNN/MultiRNNCell/Cell{{layer}}/LSTMCell/";
            var gates = Dimension.Quadruple(cells);
            return new(
                graph.AddParameter(
                    name + "GatesWeight", file + "W_0", Dimension.Double(gates), width, Initialization.Normal, Glorot(2 * spec.Width, gates.Size),
                    StoredLayout.StackedConv1D),
                graph.AddParameter(name + "GatesBias", file + "B", gates, null, Initialization.Zeros),
                graph.AddParameter(
                    name + "ProjectionWeight", file + "W_P_0", width, cells, Initialization.Normal, Glorot(spec.HiddenWidth, spec.Width),
                    StoredLayout.Conv1D),
                new(name + "Recurrence", direction == 1, Clip(spec, CellClipOption), Clip(spec, ProjectionClipOption)));
        }
    }

    /// <summary>More cells than this are a mistake.</summary>
    private const int MostCells = 1 << 24;

    private static float Clip(ModelSpec spec, string name) => spec.Number(name, DefaultClip);

    /// <summary>The deviation of Glorot and Bengio's uniform distribution (2010).</summary>
    private static float Glorot(int inputs, int outputs) => (float)Math.Sqrt(2.0 / ((double)inputs + outputs));
}
