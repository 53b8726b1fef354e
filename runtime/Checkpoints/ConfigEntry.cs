using System.Globalization;
using System.Text.Json;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>Where a configuration describes another model than a class.</summary>
/// <param name="Key">The key.</param>
/// <param name="Found">Its value.</param>
/// <param name="Expected">The value that would describe the class.</param>
internal sealed record ConfigDifference(string Key, string Found, string Expected);

/// <summary>One key of a <c>config.json</c> and its value.</summary>
/// <param name="Source">The file, for messages.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
internal readonly record struct ConfigEntry(string Source, string Key, JsonElement Value)
{
    // Files round numbers to few digits; anything nearer than this is the same.
    internal const double RoundingTolerance = 1e-3;

    /// <summary>Whether the value is null, which for most keys means the same as their absence.</summary>
    internal bool IsNull => Value.ValueKind == JsonValueKind.Null;

    /// <summary>Whether the value turns nothing on: null, false, 0, or an empty text, list or object.</summary>
    internal bool IsOff => Value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Number => Value.TryGetDouble(out var number) && number == 0,
        JsonValueKind.String => Value.GetString()!.Length == 0,
        JsonValueKind.Array => Value.GetArrayLength() == 0,
        JsonValueKind.Object => Value.GetPropertyCount() == 0,
        _ => false,
    };

    /// <summary>The value, short enough for a message.</summary>
    internal string Text => MessageText.Shorten(Value.ValueKind == JsonValueKind.String ? Value.GetString()! : RawText);

    // A value that fills the file is not copied for a message that shows a few letters of it.
    private string RawText => Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? JsonFile.Name(Value.ValueKind)
        : Value.ValueKind == JsonValueKind.Number ? PythonNumbers.Text(Value)
        : Value.GetRawText();

    /// <summary>The value as a number.</summary>
    /// <exception cref="GptGenException">It is none.</exception>
    internal double Number() => Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) ? number : throw WrongType("a number");

    /// <summary>The value as true or false.</summary>
    /// <exception cref="GptGenException">It is neither.</exception>
    internal bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw WrongType("true or false");

    /// <summary>The value as a text.</summary>
    /// <exception cref="GptGenException">It is none.</exception>
    internal string Name() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw WrongType("a text");

    /// <summary>The difference to a class that has <paramref name="expected"/> here.</summary>
    internal ConfigDifference Different(string expected) => new(Key, Text, expected);

    /// <summary>The difference to a class that has another number here; null where they are the same.</summary>
    internal ConfigDifference? Compare(double expected, double tolerance = 0) => Math.Abs(Number() - expected) <= tolerance * Math.Abs(expected)
        ? null
        : Different(((float)expected).ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// The difference to a class that has <paramref name="expected"/> here, whatever kind of value that is; null where they are the same.
    /// </summary>
    /// <exception cref="GptGenException">The value is of another kind.</exception>
    internal ConfigDifference? Compare(JsonElement expected)
    {
        var isSame = expected.ValueKind switch
        {
            JsonValueKind.Number when expected.TryGetInt64(out var whole) => Number() == whole,
            JsonValueKind.Number => Compare(expected.GetDouble(), RoundingTolerance) is null,
            JsonValueKind.True or JsonValueKind.False => Flag() == expected.GetBoolean(),
            JsonValueKind.String => Name() == expected.GetString(),
            _ => JsonElement.DeepEquals(Value, expected),
        };
        return isSame ? null : Different(new ConfigEntry(Source, Key, expected).Text);
    }

    /// <summary>The mistake of a key that changes what is computed, in a way that no class can be told.</summary>
    internal GptGenException Unsupported(string computed) =>
        new(
            $"'{Source}' sets '{MessageText.Shorten(Key)}' to {Text}, but GptGen computes with {computed} only. Use weights that were trained so, "
            + "or another program.");

    /// <summary>The mistake of a value of a wrong kind.</summary>
    internal GptGenException WrongType(string needed) =>
        new($"'{Source}' has a '{MessageText.Shorten(Key)}' that is not {needed} but {JsonFile.Name(Value.ValueKind)}. Download or export it again.");
}
