using System.Text.Json;

namespace GptGen.Finetuning;

/// <summary>The members of <c>task.json</c>. One that is missing or absurd is named with the file.</summary>
internal readonly record struct TaskJson(string Path, JsonElement Object)
{
    /// <summary>A text that is not blank.</summary>
    /// <exception cref="GptGenException">It is something else.</exception>
    internal string Text(string key) =>
        Find(key) is { ValueKind: JsonValueKind.String } value && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text)
        ? text
        : throw Wrong(key, "it must be a text");

    /// <summary>One of the names of an enumeration.</summary>
    /// <exception cref="GptGenException">It is something else.</exception>
    internal T Name<T>(string key)
        where T : struct, Enum
    {
        var text = Text(key);
        return Array.IndexOf(Enum.GetNames<T>(), text) is >= 0 and var index
            ? Enum.GetValues<T>()[index]
            : throw Wrong(key, $"it is '{MessageText.Shorten(text)}', but must be one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>
    /// A tokenizer's name, <c>.</c> for the file's own folder, or a full path, as earlier versions wrote it; no way out of the folder.
    /// </summary>
    /// <exception cref="GptGenException">It is something else.</exception>
    internal string Tokenizer(string key)
    {
        var name = Text(key);
        return System.IO.Path.IsPathFullyQualified(name) || name.IndexOfAny(['/', '\\']) < 0 && name != ".."
            ? name
            : throw Wrong(key, $"'{MessageText.Shorten(name)}' is neither a tokenizer's name nor a full path");
    }

    /// <summary>A whole number.</summary>
    /// <exception cref="GptGenException">It is something else, or below <paramref name="least"/>.</exception>
    internal int Whole(string key, int least) =>
        Find(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number >= least
        ? number
        : throw Wrong(key, $"it must be a whole number between {least} and {int.MaxValue}");

    /// <summary>A number.</summary>
    /// <exception cref="GptGenException">It is something else.</exception>
    internal double Number(string key) =>
        Find(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number)
        ? number
        : throw Wrong(key, "it must be a number");

    /// <summary>true or false.</summary>
    /// <exception cref="GptGenException">It is something else.</exception>
    internal bool Truth(string key) => Find(key) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value
        ? value.GetBoolean()
        : throw Wrong(key, "it must be true or false");

    /// <summary>A list of texts that are not blank, one at least.</summary>
    /// <exception cref="GptGenException">It is something else.</exception>
    internal string[] Texts(string key)
    {
        if (Find(key) is not { ValueKind: JsonValueKind.Array } values || values.GetArrayLength() == 0)
            throw Wrong(key, "it must be a list of texts");
        return values.EnumerateArray().All(static value => value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString()))
            ? [.. values.EnumerateArray().Select(static value => value.GetString()!)]
            : throw Wrong(key, "it must be a list of texts, none of them empty");
    }

    /// <summary>Whether there is such a member.</summary>
    internal bool Has(string key) => Find(key) is not null;

    /// <summary>An object in this one; null where there is none.</summary>
    /// <exception cref="GptGenException">It is something else.</exception>
    internal TaskJson? Part(string key) => Find(key) is not { } part ? null
        : part.ValueKind == JsonValueKind.Object ? new(Path, part)
        : throw Wrong(key, "it must be an object");

    /// <summary>The mistake of a member.</summary>
    internal GptGenException Wrong(string key, string what, Exception? cause = null)
    {
        var message = $"'{Path}' is damaged at \"{key}\": {what}. Restore it, or fine-tune again.";
        return cause is null ? new(message) : new(message, cause);
    }

    private JsonElement? Find(string key) => Object.TryGetProperty(key, out var value) ? value : null;
}
