using System.Text;
using System.Text.Json;

namespace GptGen.Text;

/// <summary>A byte-level vocabulary as the files from which Hugging Face's libraries load it, old and new.</summary>
internal static class BytePairWriter
{
    /// <summary>
    /// The files, <c>tokenizer.json</c> last. Programs that read <c>vocab.json</c> and <c>merges.txt</c> follow GPT-2's rules alone, so a vocabulary
    /// with others has not these two.
    /// </summary>
    public static List<(string Name, byte[] Content)> Files(BytePairContents contents)
    {
        List<(string Name, byte[] Content)> files = [(TokenizerFileNames.Json, Json(contents))];
        if (contents is { CutsPieces: true, TakesWholePieces: false })
        {
            files.Insert(0, (TokenizerFileNames.Vocabulary, JsonBytes.Compact(json => Vocabulary(json, contents))));
            files.Insert(0, (TokenizerFileNames.Merges, Merges(contents)));
        }

        return files;
    }

    private static void Vocabulary(Utf8JsonWriter json, BytePairContents contents)
    {
        for (var token = 0; token < contents.Names.Count; token++)
        {
            if (contents.Names[token] is { } name)
                json.WriteNumber(name, token);
        }
    }

    private static byte[] Merges(BytePairContents contents)
    {
        var lines = new StringBuilder($"{VocabularyFiles.MergesHeader}: 0.2\n");
        foreach (var merge in MergeLines(contents))
            lines.Append(merge).Append('\n');
        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private static IEnumerable<string> MergeLines(BytePairContents contents) =>
        contents.Merges.Select(merge => $"{contents.Names[merge.Left]} {contents.Names[merge.Right]}");

    private static byte[] Json(BytePairContents contents) => JsonBytes.Compact(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var token in contents.Added.OrderBy(static token => token.Number))
            WriteAdded(json, token);
        json.WriteEndArray();
        json.WriteNull("normalizer");
        WriteByteLevel(json, "pre_tokenizer", contents);
        WriteByteLevel(json, "post_processor", contents);
        WriteByteLevel(json, "decoder", contents);
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var key in (ReadOnlySpan<string>)["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            json.WriteNull(key);
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", contents.TakesWholePieces);
        json.WriteStartObject("vocab");
        Vocabulary(json, contents);
        json.WriteEndObject();
        // In the spelling that the library's older versions read too.
        json.WriteStartArray("merges");
        foreach (var merge in MergeLines(contents))
            json.WriteStringValue(merge);
        json.WriteEndArray();
        json.WriteEndObject();
    });

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

    private static void WriteByteLevel(Utf8JsonWriter json, string part, BytePairContents contents)
    {
        json.WriteStartObject(part);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", contents.AddsSpace);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", contents.CutsPieces);
        json.WriteEndObject();
    }
}
