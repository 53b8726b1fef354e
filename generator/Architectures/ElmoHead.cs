using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>What stands on an ELMo's frozen layers for a task: their mix, and LSTMs of the task's own in each direction.</summary>
internal static class ElmoHead
{
    private const string MixName = "input_ELMo_W";
    private const string GammaName = "input_ELMo_gamma";
    private const string Classifier = "classifier";
    private const int Directions = 2;

    /// <summary>What bilm-tf adds to a layer's variance.</summary>
    private const float MixEpsilon = 1e-12f;

    /// <summary>What the names of its tensors begin with.</summary>
    public static readonly IReadOnlyList<string> Parts = [MixName, GammaName, Classifier];

    /// <summary>The row of each sequence at which the LSTM that reads forward has read it all.</summary>
    private static readonly GraphInput LastRows = new(
        "LastRows", InputKind.Integers, Extent.Sequence, "Each sequence's last row, of those that are read forward.");

    /// <summary>The row at which the other has.</summary>
    private static readonly GraphInput FirstRows = new(
        "FirstRows", InputKind.Integers, Extent.Sequence, "Each sequence's first row, of those that are read backward.");

    private static readonly GraphInput LabelledBackward = new(
        "LabelledBackward", InputKind.Integers, ExampleInputs.LabelledRows.Extent,
        "The rows of the tokens that have labels, of those that are read backward.");

    /// <summary>The name of a head's scores in files; null of one that the family has not.</summary>
    public static string? NameOf(HeadKind head) => head.Subject == HeadSubject.Span ? null : Classifier + ".scores";

    /// <summary>Builds it behind the last layer.</summary>
    public static void Build(GraphBuilder graph, ModelSpec spec, ElmoOptions options, HeadSpec head, Value last)
    {
        var (task, width) = (HeadKind.ByAttribute[head.Attribute], last.Width!);
        var mixWeights = graph.AddParameter(
            "MixWeights", MixName, Dimension.Of("MixedLayers", spec.Layers + 1, "Layers that are mixed, the embedding among them."), null,
            Initialization.Zeros);
        var gamma = graph.AddParameter("Gamma", GammaName, Dimension.Of("Scale", 1, "The mix's factor."), null, Initialization.Ones);
        graph.Heading("mix of the layers");
        var mixed = graph.Dropout("Mixed", graph.MixLayers(
            "Mix", last, mixWeights, gamma, options.NormalizedMix ? new(GraphInput.Lengths, Directions, MixEpsilon) : null));
        var taskCells = Dimension.Of("TaskCells", checked(2 * spec.Width), "Cells of the task's LSTMs.");
        graph.Heading("LSTMs of the task");
        var states = graph.Lstm(
            "TaskLstm", mixed, taskCells, Weights("TaskForward", 0),
            Weights("TaskBackward", 1), hasState: false);
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
        task.Build(graph, spec, head, NameOf(task)!, width, () => features);
        graph.Extent = extent;

        Parameter Matrix(string name, string file) =>
            graph.AddParameter(name, file, width, width, Initialization.Normal, Elmo.Glorot(2 * spec.Width, spec.Width));

        LstmWeights Weights(string name, int direction) =>
            Elmo.WeightsOf(graph, name, $"{Classifier}.RNN_{direction}.", width, taskCells, isBackward: direction == 1);
    }
}
