namespace GptGen.Generator.Graph;

/// <summary>Which loop of the model a parameter or value belongs to.</summary>
/// <param name="Count">The generated constant that says how many layers there are: "Layers".</param>
/// <param name="Layers">How many layers there are.</param>
/// <param name="FilePrefix">What the file names of its parameters begin with: "h.{layer}.".</param>
/// <param name="Summary">What it counts, for the generated documentation.</param>
internal sealed record LoopId(string Count, int Layers, string FilePrefix, string Summary = "Number of Transformer blocks.")
{
    /// <summary>Whether the last layer stands behind the loop, as nodes that run once (<see cref="Run.LastOf"/>).</summary>
    public bool EndsApart { get; init; }

    /// <summary>How often the loop's body runs.</summary>
    public int Passes => EndsApart ? Layers - 1 : Layers;

    /// <summary>Generated code for the number of passes less some.</summary>
    public string PassesLess(int less) => (EndsApart ? less + 1 : less) is > 0 and var all ? $"{Count} - {all}" : Count;
}

/// <summary>A part of a forward pass.</summary>
/// <param name="Nodes">Its nodes in order.</param>
internal abstract record Section(IReadOnlyList<Node> Nodes);

/// <summary>Nodes that run once.</summary>
internal sealed record Run(IReadOnlyList<Node> Nodes) : Section(Nodes)
{
    /// <summary>The loop whose last layer they are, with that layer's parameters and values of their own; null where they are no layer.</summary>
    public LoopId? LastOf { get; init; }
}

/// <summary>
/// A body that runs once a layer with that layer's parameters, and values carried from one layer to the next. Differentiation, memory plan and
/// emission work on the body, so their cost and text do not depend on the number of layers.
/// </summary>
/// <param name="Id">Which loop.</param>
/// <param name="Nodes">The body.</param>
/// <param name="Carried">The carried values as the body sees them, and as the code around it does: before and after the layers.</param>
internal sealed record Loop(LoopId Id, IReadOnlyList<Node> Nodes, IReadOnlyList<Value> Carried) : Section(Nodes);
