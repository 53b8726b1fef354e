using System.Text.Json;

namespace GptGen.Text;

/// <summary>
/// An object of JSON whose keys are a closed list: each is asked for by its name, and <see cref="End"/> refuses what nobody asked for. So a key that
/// changes the meaning is obeyed, known to be harmless, or named.
/// </summary>
internal sealed class JsonKeys
{
    private readonly string _source;
    private readonly string _place;
    private readonly Dictionary<string, JsonElement> _left = new(StringComparer.Ordinal);
    private string? _type;

    private JsonKeys(JsonElement element, string source, string place)
    {
        (_source, _place) = (source, place);
        foreach (var property in element.EnumerateObject())
        {
            if (!_left.TryAdd(property.Name, property.Value))
                throw new GptGenException($"'{source}' has the key {Full(property.Name)} twice: export it again.");
        }
    }

    /// <summary>The keys of an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="source">The file's path.</param>
    /// <param name="place">Where in the file it stands, empty for the whole of it.</param>
    /// <exception cref="GptGenException">It is no object, or has a key twice.</exception>
    internal static JsonKeys Of(JsonElement element, string source, string place = "") => element.ValueKind == JsonValueKind.Object
        ? new(element, source, place)
        : throw new GptGenException($"'{source}': {(place.Length > 0 ? place : "the whole")} is no JSON object: export it again.");

    /// <summary>A key's value, which counts as read from here on; null where it is absent or null.</summary>
    internal JsonElement? Take(string key) => _left.Remove(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Whether the key is there, even as null.</summary>
    internal bool Has(string key) => _left.ContainsKey(key);

    /// <summary>The key <c>type</c>, by which a part says what it is; null where it is absent or null.</summary>
    internal string? Type => _type ??= TakeText("type");

    /// <summary>A key's object; null where it is absent or null.</summary>
    internal JsonKeys? TakeObject(string key) => Take(key) is { } value ? Of(value, _source, Full(key)) : null;

    /// <summary>A key's array as objects; none where it is absent or null.</summary>
    internal IEnumerable<JsonKeys> TakeObjects(string key)
    {
        var index = 0;
        foreach (var element in TakeArray(key))
            yield return Of(element, _source, $"{Full(key)}[{index++}]");
    }

    /// <summary>A key's array; none where it is absent or null.</summary>
    internal IEnumerable<JsonElement> TakeArray(string key) => Take(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
        _ => throw Wrong(key, "is no array"),
    };

    /// <summary>A key's string; null where it is absent or null.</summary>
    internal string? TakeText(string key) => Take(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong(key, "is no string"),
    };

    /// <summary>A key's truth value; null where it is absent or null.</summary>
    internal bool? TakeFlag(string key) => Take(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(key, "is neither true nor false"),
    };

    /// <summary>A key's whole number from 0; null where it is absent or null.</summary>
    internal int? TakeNumber(string key) => Take(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) && number >= 0 => number,
        _ => throw Wrong(key, $"is no whole number from 0 to {int.MaxValue}"),
    };

    /// <summary>Whether a key that nobody asked for yet is an object.</summary>
    internal bool IsObject(string key) => _left.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.Object;

    /// <summary>The values of all keys that nobody asked for yet.</summary>
    internal IReadOnlyList<JsonElement> TakeAll()
    {
        List<JsonElement> values = [.. _left.Values];
        _left.Clear();
        return values;
    }

    /// <summary>Passes over keys that change nothing here.</summary>
    internal void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            _left.Remove(key);
    }

    /// <summary>The keys that nobody asked for yet.</summary>
    internal IReadOnlyCollection<string> Left => _left.Keys;

    /// <summary>Refuses the keys that nobody asked for.</summary>
    /// <exception cref="GptGenException">There are some; the first is named.</exception>
    internal void End()
    {
        foreach (var key in _left.Keys)
            throw Wrong(key, "is not known here and may change the tokens: remove it if it does not", remedy: "");
    }

    /// <summary>The mistake of a key whose value cannot be obeyed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fault">What is wrong, as a verb.</param>
    /// <param name="remedy">What to do.</param>
    internal GptGenException Wrong(string key, string fault, string remedy = ": export it again") =>
        new($"'{_source}': {Full(key)} {fault}{remedy}.");

    /// <summary>The mistake of a key whose value would change the tokens in a way that is not done here.</summary>
    internal GptGenException Unsupported(string key, string value) =>
        Wrong(key, $"is {MessageText.Shorten(value)}, which is not done here and changes the tokens", ": use a tokenizer without it");

    private string Full(string key) => MessageText.Shorten(_place.Length > 0 ? $"{_place}.{key}" : key);
}
