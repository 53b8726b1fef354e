using System.Text.Json.Nodes;

namespace GptGen;

/// <summary>One key of a family's <c>config.json</c> and its value for a model.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What is written: a number, a text, true or false, a list of texts, numbers or flags, or null.</param>
public sealed record ConfigKey(string Name, JsonNode? Value)
{
    /// <summary>
    /// Whether files must have this very value, numbers up to rounding, because the key's meaning is the family's own. Keys that many families share
    /// are compared with the model's sizes, required or passed over for all families alike.
    /// </summary>
    public bool IsHeld { get; init; }

    /// <summary>
    /// What the family's own library takes for a key that a file lacks; null where absence says nothing. Only of files that name the family or, for a
    /// key within an object, have the object.
    /// </summary>
    public JsonNode? Absent { get; init; }

    /// <summary>Whether null says the same as absence, and is what is written for a value that absence means too.</summary>
    public bool IsNullAbsent { get; init; }

    /// <summary>Other names of the key, each as good as its own.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Whether a file's key is this one.</summary>
    internal bool IsNamed(string key) => Name == key || OtherNames.Contains(key);
}
