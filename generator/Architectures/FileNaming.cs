namespace GptGen.Generator.Architectures;

/// <summary>How a family's files name tensors, beside the parameters' own names; the members are those of the runtime's TensorNaming.</summary>
internal sealed record FileNaming
{
    /// <summary>What files put before every name but the heads'; it may be missing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What the names of a layer's tensors begin with, before the layer's number.</summary>
    public string LayerPrefix { get; init; } = "";

    /// <summary>What the heads' names begin with, up to a dot: they stand outside the prefix.</summary>
    public IReadOnlyList<string> Heads { get; init; } = [];

    /// <summary>What the names of parts begin with, up to a dot, each of which files may lack as a whole.</summary>
    public IReadOnlyList<string> OptionalParts { get; init; } = [];

    /// <summary>The tensors that have a row a token, the token table first.</summary>
    public IReadOnlyList<string> TokenTensors { get; init; } = [];

    /// <summary>Tensors that are another one of the model.</summary>
    public IReadOnlyList<(string Name, string Meaning)> Copies { get; init; } = [];

    /// <summary>How some files end names that the model ends otherwise.</summary>
    public IReadOnlyList<(string Name, string Meaning)> Aliases { get; init; } = [];

    /// <summary>Tensors whose rows the family's first program has from the last to the first, under names without the prefix.</summary>
    public IReadOnlyList<string> ClusterTensors { get; init; } = [];

    /// <summary>How the names of tensors end that say nothing of the model.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];
}
