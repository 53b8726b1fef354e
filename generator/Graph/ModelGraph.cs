namespace GptGen.Generator.Graph;

/// <summary>A specification lowered to one graph.</summary>
/// <param name="Kind">Which of the architecture's graphs.</param>
/// <param name="Sections">The forward pass up to what ends it.</param>
/// <param name="Ends">The nodes that end the graph: losses or logits. The backward pass begins with the last.</param>
/// <param name="Parameters">Every parameter in files' order.</param>
/// <param name="Results">Values that the host reads, by the name of the runtime's member that says where they are.</param>
/// <param name="States">Carried values that the host reads for every layer, by the name of the runtime's member that says where they are.</param>
/// <param name="Logits">
/// The language model's logits, in a workspace of their own that all of them share; none where there is no language model.
/// </param>
internal sealed record ModelGraph(
    GraphKind Kind, IReadOnlyList<Section> Sections, IReadOnlyList<Node> Ends, IReadOnlyList<Parameter> Parameters,
    IReadOnlyList<(string Member, Value Value)> Results, IReadOnlyList<(string Member, Value Value)> States, IReadOnlyList<Value> Logits)
{
    /// <summary>Rows of parameters that operators use alone.</summary>
    public IReadOnlyList<Parameter> Slices { get; init; } = [];

    /// <summary>Biases of the architecture that the model is declared without.</summary>
    public IReadOnlyList<Parameter> AbsentBiases { get; init; } = [];

    /// <summary>Sizes that no parameter has.</summary>
    public IReadOnlyList<Dimension> Dimensions { get; init; } = [];

    /// <summary>The loops in order.</summary>
    public IEnumerable<Loop> Loops => Sections.OfType<Loop>();

    /// <summary>
    /// Generated code for the number of a layer among those of all loops, in the order of the forward pass: "EncoderLayers + layer".
    /// </summary>
    public string LayerNumber(LoopId loop)
    {
        var before = Loops.Select(other => other.Id).Distinct().TakeWhile(other => other != loop);
        return string.Join(" + ", before.Select(other => other.Count).Append("layer"));
    }
}
