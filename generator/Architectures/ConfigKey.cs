namespace GptGen.Generator.Architectures;

/// <summary>One key of a family's config.json and its value for a model; the members are those of the runtime's ConfigKey.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What is written: a number, a text, true or false, a list of texts, numbers or flags, or null.</param>
internal sealed record ConfigKey(string Name, object? Value)
{
    /// <summary>Whether files must have this very value, because the key's meaning is the family's own.</summary>
    public bool IsHeld { get; init; }

    /// <summary>What the family's own library takes for a key that a file of the family lacks; null where absence says nothing.</summary>
    public object? Absent { get; init; }

    /// <summary>Whether null says the same as absence.</summary>
    public bool IsNullAbsent { get; init; }

    /// <summary>Other names of the key, each as good as its own.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];
}
