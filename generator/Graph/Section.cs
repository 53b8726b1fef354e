namespace GptGen.Generator.Graph;

/// <summary>Which loop of the model a parameter or value belongs to.</summary>
/// <param name="Count">The generated constant that says how often it runs: "Layers".</param>
/// <param name="Times">How often it runs.</param>
/// <param name="FilePrefix">What the file names of its parameters begin with: "h.{layer}.".</param>
/// <param name="Summary">What it counts, for the generated documentation.</param>
internal sealed record LoopId(string Count, int Times, string FilePrefix, string Summary = "Number of Transformer blocks.");

/// <summary>A part of a forward pass.</summary>
/// <param name="Nodes">Its nodes in order.</param>
internal abstract record Section(IReadOnlyList<Node> Nodes);

/// <summary>Nodes that run once.</summary>
internal sealed record Run(IReadOnlyList<Node> Nodes) : Section(Nodes);

/// <summary>
/// A body that runs once a layer with that layer's parameters, and values carried from one layer to the next. Differentiation, memory plan and
/// emission work on the body, so their cost and text do not depend on the number of layers.
/// </summary>
/// <param name="Id">Which loop.</param>
/// <param name="Nodes">The body.</param>
/// <param name="Carried">The carried values as the body sees them, and as the code around it does: before and after the layers.</param>
internal sealed record Loop(LoopId Id, IReadOnlyList<Node> Nodes, IReadOnlyList<Value> Carried) : Section(Nodes);
