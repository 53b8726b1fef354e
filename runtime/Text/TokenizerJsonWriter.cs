using System.Text.Json;

namespace GptGen.Text;

/// <summary>What <c>tokenizer.json</c> has in common for vocabularies of every kind.</summary>
internal static class TokenizerJsonWriter
{
    /// <summary>Writes what stands before the vocabulary's own rules.</summary>
    public static void WriteBeginning(Utf8JsonWriter json, IEnumerable<AddedToken> added)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var token in added.OrderBy(static token => token.Number))
            WriteAdded(json, token);
        json.WriteEndArray();
    }

    /// <summary>Writes a part with its type.</summary>
    public static void WriteStep(Utf8JsonWriter json, string part, string type, Action content)
    {
        json.WriteStartObject(part);
        json.WriteString("type", type);
        content();
        json.WriteEndObject();
    }

    /// <summary>Writes the model of byte-pair encoding.</summary>
    /// <param name="json">The file.</param>
    /// <param name="names">The name of each number, null where a number stands for nothing.</param>
    /// <param name="merges">The merges in the order in which they were learned.</param>
    /// <param name="unknown">The token of what the vocabulary lacks; null where it lacks nothing.</param>
    /// <param name="wordEnd">What the names of tokens at a word's end end in; null where nothing marks it.</param>
    /// <param name="takesWholePieces">Whether a piece that is a token is that token, whatever the merges give.</param>
    public static void WriteBytePairs(
        Utf8JsonWriter json, IReadOnlyList<string?> names, IReadOnlyList<(int Left, int Right)> merges, string? unknown = null,
        string? wordEnd = null, bool takesWholePieces = false) => WriteStep(json, "model", "BPE", () =>
    {
        json.WriteNull("dropout");
        json.WriteString("unk_token", unknown);
        json.WriteNull("continuing_subword_prefix");
        json.WriteString("end_of_word_suffix", wordEnd);
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", takesWholePieces);
        json.WriteStartObject("vocab");
        WriteNumbers(json, names);
        json.WriteEndObject();
        // In the spelling that the library's older versions read too.
        json.WriteStartArray("merges");
        foreach (var merge in MergeLines(names, merges))
            json.WriteStringValue(merge);
        json.WriteEndArray();
    });

    /// <summary>Writes the number of each name.</summary>
    public static void WriteNumbers(Utf8JsonWriter json, IReadOnlyList<string?> names)
    {
        for (var token = 0; token < names.Count; token++)
        {
            if (names[token] is { } name)
                json.WriteNumber(name, token);
        }
    }

    /// <summary>The merges as files of old spell them, two names with a space between.</summary>
    public static IEnumerable<string> MergeLines(IReadOnlyList<string?> names, IEnumerable<(int Left, int Right)> merges) =>
        merges.Select(merge => $"{names[merge.Left]} {names[merge.Right]}");

    private static void WriteAdded(Utf8JsonWriter json, AddedToken token)
    {
        json.WriteStartObject();
        json.WriteNumber("id", token.Number);
        json.WriteString("content", token.Content);
        json.WriteBoolean("single_word", false);
        json.WriteBoolean("lstrip", token.TakesSpaceBefore);
        json.WriteBoolean("rstrip", token.TakesSpaceAfter);
        json.WriteBoolean("normalized", !token.IsFirst);
        json.WriteBoolean("special", token.IsSpecial);
        json.WriteEndObject();
    }
}
