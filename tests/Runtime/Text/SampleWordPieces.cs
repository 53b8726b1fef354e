using System.Text.Json.Nodes;
using GptGen.Text;

namespace GptGen.Runtime.Tests.Text;

/// <summary>A vocabulary of 62 tokens as the files of BERT's folders.</summary>
internal static class SampleWordPieces
{
    public static string[] Names { get; } = (
        "[PAD] [UNK] [CLS] [SEP] [MASK] a b e h i k l n o s t the hello he ##llo ##a ##e ##l ##o ##s ##t ##ing walk ##ed un ##ff ##able "
        + "Hello É cafe café ##é world ! , . ' ? - don $ < = [ ] mask 中 文 ü u \u1112 ##\u1161 ##\u11AB i\u0307 σ ##σ 😀").Split(' ');

    public static string Lines => string.Join('\n', Names) + "\n";

    public static int Number(string name) => Array.IndexOf(Names, name);

    /// <summary>The content of <c>tokenizer.json</c>, as Hugging Face's library writes it for BERT.</summary>
    public static JsonObject Root(bool lowercase = true, bool? stripsAccents = null, IEnumerable<string>? names = null)
    {
        var vocabulary = new JsonObject();
        foreach (var name in names ?? Names)
            vocabulary.Add(name, vocabulary.Count);
        var root = JsonNode.Parse($$"""
            {
              "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
              "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
                "lowercase": {{(lowercase ? "true" : "false")}}},
              "pre_tokenizer": {"type": "BertPreTokenizer"},
              "post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0} },
                  {"Sequence": {"id": "A", "type_id": 0} }, {"SpecialToken": {"id": "[SEP]", "type_id": 0} }],
                "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0} },
                  {"Sequence": {"id": "A", "type_id": 0} }, {"SpecialToken": {"id": "[SEP]", "type_id": 0} },
                  {"Sequence": {"id": "B", "type_id": 1} }, {"SpecialToken": {"id": "[SEP]", "type_id": 1} }],
                "special_tokens": {
                  "[CLS]": {"id": "[CLS]", "ids": [{{vocabulary["[CLS]"] ?? 0}}], "tokens": ["[CLS]"]},
                  "[SEP]": {"id": "[SEP]", "ids": [{{vocabulary["[SEP]"] ?? 0}}], "tokens": ["[SEP]"]} } },
              "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
              "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
            }
            """)!.AsObject();
        root["normalizer"]!["strip_accents"] = stripsAccents;
        root["model"]!["vocab"] = vocabulary;
        foreach (var name in (string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
        {
            if (vocabulary.TryGetPropertyValue(name, out var number))
                root["added_tokens"]!.AsArray().Add(SampleVocabulary.Added(number!.GetValue<int>(), name));
        }

        return root;
    }

    /// <summary>Opens the vocabulary as <c>vocab.txt</c> with a configuration.</summary>
    public static WordPieceTokenizer Open(TemporaryFolder folder, string config, string? lines = null)
    {
        folder.Write("vocab.txt", lines ?? Lines);
        folder.Write("tokenizer_config.json", config);
        return WordPieceTokenizer.FromFolder(folder.Path);
    }
}
