namespace GptGen.Generator.Graph;

/// <summary>One of the graphs that an architecture lists: a forward pass and, where it trains, its backward pass.</summary>
/// <param name="Name">What its values' struct is called after: "Train".</param>
/// <param name="Method">The method of the runtime's graph class that its forward pass becomes.</param>
/// <param name="Summary">What it computes, for the generated documentation.</param>
/// <param name="IsDifferentiated">Whether it has a backward pass, whose values are kept.</param>
internal sealed record GraphKind(string Name, string Method, string Summary, bool IsDifferentiated = false)
{
    /// <summary>Whether the host reads the states between layers.</summary>
    public bool ShowsLayers { get; init; } = IsDifferentiated;
}

/// <summary>Graphs that share a class of the generated code, its memory and its inputs.</summary>
/// <param name="Name">The class: "Training".</param>
/// <param name="Base">The runtime's class that it derives from.</param>
/// <param name="Graphs">The graphs, each a method.</param>
internal sealed record GraphClass(string Name, string Base, IReadOnlyList<GraphKind> Graphs)
{
    /// <summary>The numbers that its constructor takes beside the model: how large it is.</summary>
    public IReadOnlyList<string> Sizes { get; init; } = ["sequences", "length"];
}
