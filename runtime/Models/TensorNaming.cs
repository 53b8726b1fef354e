namespace GptGen;

/// <summary>How a family's files name the tensors of a model beside the names of its parameters.</summary>
public sealed record TensorNaming
{
    /// <summary>What files put before every name but the heads', such as "transformer."; it may be missing. Empty for none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What a layer's names begin with, before the layer's number: "h.". Empty where layers do not show.</summary>
    public string LayerPrefix { get; init; } = "";

    /// <summary>
    /// What the heads' names begin with, up to a dot: they stand outside the prefix. Those of a family's heads that a model does not have are left
    /// out when it is loaded.
    /// </summary>
    public IReadOnlyList<string> Heads { get; init; } = [];

    /// <summary>
    /// What the names of parts begin with, up to a dot, each of which files may lack as a whole: what reads states needs no head. Where they do, the
    /// model's keep their values.
    /// </summary>
    public IReadOnlyList<string> OptionalParts { get; init; } = [];

    /// <summary>The tensors that have a row a token, the token table first. Files may have padding behind the vocabulary in them.</summary>
    public IReadOnlyList<string> TokenTensors { get; init; } = [];

    /// <summary>
    /// Tensors that are another one of the model, such as a tied head: files have either or both, and then with the same numbers.
    /// </summary>
    public IReadOnlyList<TensorAlias> Copies { get; init; } = [];

    /// <summary>How some files end names that the model ends otherwise: "LayerNorm.gamma" for "LayerNorm.weight".</summary>
    public IReadOnlyList<TensorAlias> Aliases { get; init; } = [];

    /// <summary>
    /// Tensors with a row a cluster of the vocabulary but the first, which the family's first program has from the last cluster to the first. Its
    /// names lack the <see cref="Prefix"/>.
    /// </summary>
    public IReadOnlyList<string> ClusterTensors { get; init; } = [];

    /// <summary>How the names of tensors end that say nothing of the model: masks, numbers of positions.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>The name that files of models with heads give to a tensor.</summary>
    internal string FileName(string tensor) => IsHead(tensor) ? tensor : Prefix + tensor;

    /// <summary>Whether a tensor belongs to a head and not to the body.</summary>
    internal bool IsHead(string tensor) => Heads.Any(head => IsUnder(tensor, head));

    /// <summary>Whether a part predicts tokens: it has a tensor with a row a token.</summary>
    internal bool PredictsTokens(string part) => TokenTensors.Any(tensor => IsUnder(tensor, part));

    /// <summary>Whether a name is a head's or a part's: it begins with the part's words.</summary>
    internal static bool IsUnder(string tensor, string part) =>
        tensor.StartsWith(part, StringComparison.Ordinal) && (tensor.Length == part.Length || tensor[part.Length] is '.' or '/');
}

/// <summary>Another name for a tensor, or for the end of a tensor's name.</summary>
/// <param name="Name">The other name.</param>
/// <param name="Meaning">The model's own.</param>
public sealed record TensorAlias(string Name, string Meaning);
