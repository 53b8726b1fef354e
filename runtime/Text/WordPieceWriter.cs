using System.Text.Json;

namespace GptGen.Text;

/// <summary>A WordPiece vocabulary as the files from which Hugging Face's libraries load it.</summary>
internal static class WordPieceWriter
{
    /// <summary>The three files, the vocabulary's own last.</summary>
    /// <param name="names">The name of each number, null where a number stands for nothing.</param>
    /// <param name="rules">What belongs to the vocabulary, with its roles settled.</param>
    public static List<(string Name, byte[] Content)> Files(IReadOnlyList<string?> names, WordPieceDefinition rules) =>
    [
        (TokenizerFileNames.Config, Config(rules)),
        (TokenizerFileNames.Json, Json(names, rules)),
        (TokenizerFileNames.WordPieces, WordPieceFile.Write(names)),
    ];

    private static byte[] Config(WordPieceDefinition rules) => JsonBytes.Indented(json =>
    {
        json.WriteString("tokenizer_class", "BertTokenizer");
        json.WriteBoolean("do_lower_case", rules.Words.Lowercase);
        if (rules.Words.StripsAccents != rules.Words.Lowercase)
            json.WriteBoolean("strip_accents", rules.Words.StripsAccents);
        json.WriteBoolean("tokenize_chinese_chars", rules.Words.SeparatesIdeographs);
        foreach (var (key, name, _) in rules.Named())
            json.WriteString(key, name);
        json.WriteBoolean("clean_up_tokenization_spaces", rules.CleansText);
    });

    private static byte[] Json(IReadOnlyList<string?> names, WordPieceDefinition rules) => JsonBytes.Indented(json =>
    {
        TokenizerJsonWriter.WriteBeginning(json, rules.Named().Select(static role => new AddedToken(role.Name, role.Token)));
        TokenizerJsonWriter.WriteStep(json, "normalizer", "BertNormalizer", () =>
        {
            json.WriteBoolean("clean_text", true);
            json.WriteBoolean("handle_chinese_chars", rules.Words.SeparatesIdeographs);
            json.WriteBoolean("strip_accents", rules.Words.StripsAccents);
            json.WriteBoolean("lowercase", rules.Words.Lowercase);
        });
        TokenizerJsonWriter.WriteStep(json, "pre_tokenizer", "BertPreTokenizer", static () => { });
        if (rules is { Classify: { } begin, Separator: { } end })
        {
            TokenizerJsonWriter.WriteStep(json, "post_processor", "BertProcessing", () =>
            {
                WritePair(json, "sep", rules.NameOf(SpecialRole.Separator), end);
                WritePair(json, "cls", rules.NameOf(SpecialRole.Classify), begin);
            });
        }

        TokenizerJsonWriter.WriteStep(json, "decoder", "WordPiece", () =>
        {
            json.WriteString("prefix", WordPieceTokenizer.Continuation);
            json.WriteBoolean("cleanup", rules.CleansPieces);
        });
        TokenizerJsonWriter.WriteStep(json, "model", "WordPiece", () =>
        {
            json.WriteString("unk_token", rules.NameOf(SpecialRole.Unknown));
            json.WriteString("continuing_subword_prefix", WordPieceTokenizer.Continuation);
            json.WriteNumber("max_input_chars_per_word", 100);
            json.WriteStartObject("vocab");
            TokenizerJsonWriter.WriteNumbers(json, names);
            json.WriteEndObject();
        });
    });

    private static void WritePair(Utf8JsonWriter json, string key, string name, int token)
    {
        json.WriteStartArray(key);
        json.WriteStringValue(name);
        json.WriteNumberValue(token);
        json.WriteEndArray();
    }
}
