namespace GptGen.Text;

/// <summary>GPT-1's vocabulary as the file that Hugging Face's own converter makes of the two that hold it.</summary>
internal static class Gpt1Writer
{
    /// <summary>The one file.</summary>
    public static List<(string Name, byte[] Content)> Files(Gpt1Tokenizer tokenizer) => [(TokenizerFileNames.Json, Json(tokenizer))];

    private static byte[] Json(Gpt1Tokenizer tokenizer) => JsonBytes.Compact(json =>
    {
        TokenizerJsonWriter.WriteBeginning(json, tokenizer.Added);
        TokenizerJsonWriter.WriteStep(json, "normalizer", "BertNormalizer", () =>
        {
            json.WriteBoolean("clean_text", true);
            json.WriteBoolean("handle_chinese_chars", true);
            // Accents go with the case.
            json.WriteNull("strip_accents");
            json.WriteBoolean("lowercase", true);
        });
        TokenizerJsonWriter.WriteStep(json, "pre_tokenizer", "BertPreTokenizer", static () => { });
        json.WriteNull("post_processor");
        TokenizerJsonWriter.WriteStep(json, "decoder", "BPEDecoder", () => json.WriteString("suffix", Gpt1Tokenizer.WordEnd));
        // Files give each merge a rank of its own.
        TokenizerJsonWriter.WriteBytePairs(json, tokenizer.Names, tokenizer.Merges.InOrder()!, Gpt1Tokenizer.Unknown, Gpt1Tokenizer.WordEnd);
    });
}
