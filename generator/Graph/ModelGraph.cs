namespace GptGen.Generator.Graph;

/// <summary>A specification lowered to one graph.</summary>
/// <param name="Kind">Which of the architecture's graphs.</param>
/// <param name="Sections">The forward pass up to what ends it.</param>
/// <param name="Ends">The nodes that end the graph: losses or logits. The backward pass begins with the last.</param>
/// <param name="Parameters">Every parameter in files' order.</param>
/// <param name="Results">Values that the host reads, by the name of the runtime's member that says where they are.</param>
/// <param name="States">Carried values that the host reads for every layer, by the name of the runtime's member that says where they are.</param>
/// <param name="Logits">The language model's logits, in a workspace of their own; null where there are none.</param>
internal sealed record ModelGraph(
    GraphKind Kind, IReadOnlyList<Section> Sections, IReadOnlyList<Node> Ends, IReadOnlyList<Parameter> Parameters,
    IReadOnlyList<(string Member, Value Value)> Results, IReadOnlyList<(string Member, Value Value)> States, Value? Logits)
{
    /// <summary>The loops in order.</summary>
    public IEnumerable<Loop> Loops => Sections.OfType<Loop>();
}
