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
            files.Insert(0, (TokenizerFileNames.Vocabulary, JsonBytes.Compact(json => TokenizerJsonWriter.WriteNumbers(json, contents.Names))));
            files.Insert(0, (TokenizerFileNames.Merges, Merges(contents)));
        }

        return files;
    }

    private static byte[] Merges(BytePairContents contents)
    {
        var lines = new StringBuilder($"{VocabularyFiles.MergesHeader}: 0.2\n");
        foreach (var merge in TokenizerJsonWriter.MergeLines(contents.Names, contents.Merges))
            lines.Append(merge).Append('\n');
        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private static byte[] Json(BytePairContents contents) => JsonBytes.Compact(json =>
    {
        TokenizerJsonWriter.WriteBeginning(json, contents.Added);
        json.WriteNull("normalizer");
        WriteByteLevel(json, "pre_tokenizer", contents);
        WriteByteLevel(json, "post_processor", contents);
        WriteByteLevel(json, "decoder", contents);
        TokenizerJsonWriter.WriteBytePairs(json, contents.Names, contents.Merges, takesWholePieces: contents.TakesWholePieces);
    });

    private static void WriteByteLevel(Utf8JsonWriter json, string part, BytePairContents contents) =>
        TokenizerJsonWriter.WriteStep(json, part, "ByteLevel", () =>
        {
            json.WriteBoolean("add_prefix_space", contents.AddsSpace);
            json.WriteBoolean("trim_offsets", true);
            json.WriteBoolean("use_regex", contents.CutsPieces);
        });
}
