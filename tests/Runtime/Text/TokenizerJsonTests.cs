using System.Text.Json.Nodes;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>
/// <c>tokenizer.json</c> gives what Hugging Face's tokenizers library (0.22.2, through the package Tokenizers.DotNet 1.4.1) gives for the same file:
/// the numbers
/// below are its own. What it cannot give here is refused by the key's name.
/// </summary>
public sealed class TokenizerJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hello world", 260, 267)]
    [InlineData("Hello  hello world's", 40, 69, 258, 79, 221, 264, 267, 269)]
    [InlineData("<|endoftext|>hello<|endoftext|>  hello\n\n\nx", 0, 260, 0, 221, 264, 268, 199, 88)]
    [InlineData("日本 \u3000 x ‘s", 163, 246, 99, 163, 251, 106, 221, 160, 223, 223, 221, 88, 221, 159, 223, 247, 83)]
    [InlineData("\t hello\r\n", 198, 264, 202, 199)]
    [InlineData(" xyz ello xyz", 221, 88, 89, 90, 221, 69, 258, 79, 221, 88, 89, 90)]
    [InlineData("")]
    public void PlainTextHasTheLibrarysTokens(string text, params int[] tokens) => AssertTokens(null, text, tokens);

    [Theory]
    [InlineData("hello", 264)]
    [InlineData("Hello  hello world's", 221, 40, 69, 258, 79, 221, 264, 267, 269)]
    [InlineData("<|endoftext|>hello<|endoftext|>  hello\n\n\nx", 0, 264, 0, 221, 264, 268, 199, 88)]
    [InlineData("\n\n\n\n", 221, 268, 268)]
    [InlineData(" ", 221)]
    [InlineData("")]
    public void ASpaceIsPutBeforeWhereTheFileSaysSo(string text, params int[] tokens) =>
        AssertTokens(static root => root["pre_tokenizer"]!["add_prefix_space"] = true, text, tokens);

    [Theory]
    [InlineData("<|endoftext|>hello<|endoftext|>  hello\n\n\nx", 0, 260, 0, 272, 260, 277, 88)]
    [InlineData("<a>b <a>c<a>", 271, 221, 270, 67, 270)]
    [InlineData("hello  world   <m> hello<r>  hello", 260, 272, 87, 262, 266, 274, 264, 275, 260)]
    [InlineData("é ж ｜x｜ café", 128, 103, 221, 276, 221, 278, 221, 67, 65, 70, 128, 103)]
    [InlineData("hello world <a> hello wor", 273, 262, 266, 221, 270, 221, 273, 262)]
    [InlineData("\n\n\n\n", 277, 199)]
    public void AddedTokensAreFoundByTheirNames(string text, params int[] tokens) => AssertTokens(WithAdded, text, tokens);

    [Theory]
    [InlineData(" xyz ello xyz", 270, 221, 69, 258, 79, 270)]
    [InlineData("hello world", 260, 267)]
    public void AWholePieceIsItsTokenWhereMergesAreIgnored(string text, params int[] tokens) => AssertTokens(
        static root =>
        {
            root["model"]!["ignore_merges"] = true;
            root["model"]!["vocab"]!["Ġxyz"] = 270;
            root["model"]!["vocab"]!["ello"] = 271;
        },
        text,
        tokens);

    [Theory]
    [InlineData("Hello  hello world's", 40, 69, 258, 79, 221, 264, 267, 269)]
    [InlineData("\n\n\n\n", 268, 268)]
    public void TextIsOnePieceWhereTheExpressionIsNotUsed(string text, params int[] tokens) =>
        AssertTokens(static root => root["pre_tokenizer"]!["use_regex"] = false, text, tokens);

    [Theory]
    [InlineData("<pad><n>hello", 700, 271, 260)]
    public void NumbersMayHaveGaps(string text, params int[] tokens) => AssertTokens(
        static root =>
        {
            root["model"]!["vocab"]!["<pad>"] = 700;
            root["added_tokens"]!.AsArray().Add(SampleVocabulary.Added(700, "<pad>"));
            root["added_tokens"]!.AsArray().Add(SampleVocabulary.Added(271, "<n>"));
        },
        text,
        tokens);

    /// <summary>Names of special tokens are text where they do not come from a prompt; others are tokens everywhere.</summary>
    [Fact]
    public void SpecialTokensAreOrdinaryTextOutsideOfPrompts()
    {
        SampleVocabulary.WriteJson(_folder, WithAdded);
        var tokenizer = Tokenizer.Open(_folder.Path);
        Assert.DoesNotContain(270, tokenizer.Encode("<a>"));
        Assert.Equal("<a>", tokenizer.Decode(tokenizer.Encode("<a>")));
        Assert.Equal([273], tokenizer.Encode("hello w"));
        Assert.Equal(0, tokenizer.EndOfText);
        Assert.Equal((279, "ж"), (tokenizer.VocabularySize, tokenizer.Decode([276])));
    }

    [Fact]
    public void MergesAsPairsASequenceOfOneStepAndTheTwoFilesAreTheSame()
    {
        SampleVocabulary.WritePair(_folder);
        var expected = Tokenizer.Open(_folder.Path);
        Assert.Equal([260, 267], expected.Encode("hello world"));
        File.Delete(_folder.File("vocab.json"));
        File.Delete(_folder.File("merges.txt"));
        SampleVocabulary.WriteJson(_folder, static root =>
        {
            root["model"]!["merges"] = new JsonArray(
                [.. SampleVocabulary.Merges.Select(static merge => new JsonArray([.. merge.Split(' ').Select(static part => (JsonNode)part)]))]);
            root["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(root["pre_tokenizer"]!.DeepClone()) };
            root["decoder"] = new JsonObject { ["type"] = "Sequence", ["decoders"] = new JsonArray(root["decoder"]!.DeepClone()) };
        });
        var tokenizer = Tokenizer.Open(_folder.Path, static note => Assert.Fail(note));
        for (var seed = 0; seed < 20; seed++)
        {
            var text = SampleTexts.Mixed(seed, 300);
            Assert.Equal(expected.Encode(text), tokenizer.Encode(text));
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    /// <summary>As a program wrote it that leaves out what has a default.</summary>
    [Fact]
    public void AShortFileIsRead()
    {
        var (vocabulary, merges) = (SampleVocabulary.Json(SampleVocabulary.Numbers()), SampleVocabulary.Json(SampleVocabulary.Merges));
        _folder.Write("tokenizer.json", $$"""
            {"model": {"type": "BPE", "vocab": {{vocabulary}}, "merges": {{merges}}}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
             "added_tokens": [{"id": 0, "content": "<|endoftext|>", "special": true}]}
            """);
        var notes = new List<string>();
        var tokenizer = Tokenizer.Open(_folder.File("tokenizer.json"), notes.Add);
        Assert.Equal([260], tokenizer.Encode("hello"));
        Assert.Equal("hello", tokenizer.Decode([260]));
        Assert.Equal([0, 260], tokenizer.EncodePrompt("<|endoftext|>hello"));
        Assert.Contains("no decoder", Assert.Single(notes));
    }

    [Theory]
    [InlineData("version", "\"2.0\"", "version is 2.0")]
    [InlineData("normalizer", """{"type": "NFC"}""", "normalizer.type is NFC")]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}""", "normalizer.normalizers[0].type is Lowercase")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer is not ByteLevel")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁"}""", "pre_tokenizer.type is Metaspace")]
    [InlineData(
        "pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}]}""",
        "pretokenizers[0].type is Digits")]
    [InlineData("pre_tokenizer.add_prefix_space", "\"yes\"", "pre_tokenizer.add_prefix_space is neither true nor false")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": []}""", "post_processor.type is TemplateProcessing")]
    [InlineData("decoder", """{"type": "ByteFallback"}""", "decoder.type is ByteFallback")]
    [InlineData("model.type", "\"Unigram\"", "model.type is Unigram")]
    [InlineData("model.dropout", "0.1", "model.dropout is 0.1")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix is ##")]
    [InlineData("model.end_of_word_suffix", "\"_\"", "model.end_of_word_suffix is _")]
    [InlineData("model.merges", """["h e", "h x"]""", "model.merges[1]: 'h x'")]
    [InlineData("model.merges", """["h e", "h e"]""", "model.merges[1]: 'h e' is there already")]
    [InlineData("model.merges", """["h e", 3]""", "model.merges[1]: '3'")]
    [InlineData("model.merges", """["h e"]""", "has 1 merges, but 270 tokens - 256 bytes - 1 special = 13: nothing makes token 'll' (258)")]
    [InlineData("model.vocab", """{"a": 0, "a": 1}""", "'a' twice")]
    [InlineData("added_tokens", """[{"id": 999, "content": "<a>"}]""", "added_tokens[0].id is 999 for '<a>', but tokenizers number it 270")]
    [InlineData("added_tokens", """[{"id": 0, "content": "<a>", "single_word": true}]""", "added_tokens[0].single_word is true")]
    [InlineData("added_tokens", """[{"id": 270, "content": ""}]""", "has 0 characters")]
    [InlineData("surprise", "1", "surprise is not known")]
    [InlineData("model.surprise", "1", "model.surprise is not known")]
    [InlineData("pre_tokenizer.surprise", "1", "pre_tokenizer.surprise is not known")]
    [InlineData("decoder.surprise", "null", "decoder.surprise is not known")]
    [InlineData("added_tokens", """[{"id": 0, "content": "<|endoftext|>", "surprise": 1}]""", "added_tokens[0].surprise is not known")]
    public void WhatIsNotDoneIsRefusedByTheKeysName(string place, string value, string cause)
    {
        var text = SampleVocabulary.Text(SampleVocabulary.Root());
        var root = JsonNode.Parse(text)!.AsObject();
        var keys = place.Split('.');
        var parent = keys[..^1].Aggregate((JsonNode)root, static (node, key) => node[key]!);
        if (place == "model.vocab")
        {
            _folder.Write(
                "tokenizer.json",
                text.Replace(
                    root["model"]!["vocab"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
                    value));
        }
        else
        {
            parent[keys[^1]] = JsonNode.Parse(value);
            _folder.Write("tokenizer.json", SampleVocabulary.Text(root));
        }

        var error = Assert.Throws<GptGenException>(() => Tokenizer.Open(_folder.Path));
        Assert.Contains("tokenizer.json", error.Message);
        Assert.Contains(cause, error.Message);
    }

    /// <summary>The form of Hugging Face's <c>openai-gpt</c>.</summary>
    [Fact]
    public void Gpt1sFileIsGpt1s()
    {
        string[] characters = [.. "abcdefghijklmnopqrstuvwxyz.".Select(static character => $"{character}")];
        string[] merges = ["t h", "th e</w>"];
        var numbers = new[] { "<unk>" }.Concat(characters).Concat(characters.Select(static character => character + "</w>")).Concat(
            merges.Select(static merge => merge.Replace(" ", "")))
            .Select(static (name, number) => KeyValuePair.Create(name, number)).ToDictionary();
        void Write(string strip) => _folder.Write("tokenizer.json", $$"""
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [{"id": 0, "special": true, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": {{strip}}, "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": null, "decoder": {"type": "BPEDecoder", "suffix": "</w>"},
             "model": {"dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": "", "end_of_word_suffix": "</w>", "fuse_unk": false, "vocab": {{SampleVocabulary.Json(numbers)}}, "merges": {{SampleVocabulary.Json(merges)}} } }
            """);
        Write("null");
        var tokenizer = Assert.IsType<Gpt1Tokenizer>(Tokenizer.Open(_folder.Path, static note => Assert.Fail(note)));
        Assert.Equal([numbers["the</w>"], 0, numbers[".</w>"]], tokenizer.Encode("The 7."));
        Assert.Null(tokenizer.EndOfText);
        Write("false");
        Assert.Contains("normalizer.strip_accents is false", Assert.Throws<GptGenException>(() => Tokenizer.Open(_folder.Path)).Message);
    }

    private static void WithAdded(JsonObject root)
    {
        var added = root["added_tokens"]!.AsArray();
        added.Add(SampleVocabulary.Added(270, "<a>"));
        added.Add(SampleVocabulary.Added(271, "<a>b"));
        added.Add(SampleVocabulary.Added(272, "  ", special: false));
        added.Add(SampleVocabulary.Added(273, "hello w", special: false));
        added.Add(SampleVocabulary.Added(274, "<m>", before: true));
        added.Add(SampleVocabulary.Added(275, "<r>", after: true));
        added.Add(SampleVocabulary.Added(276, "ж"));
        added.Add(SampleVocabulary.Added(277, "\n\n\n", special: false));
        added.Add(SampleVocabulary.Added(278, "｜x｜"));
    }

    private void AssertTokens(Action<JsonObject>? change, string text, int[] tokens)
    {
        SampleVocabulary.WriteJson(_folder, change);
        Assert.Equal(tokens, Tokenizer.Open(_folder.Path, static note => Assert.Fail(note)).EncodePrompt(text));
    }
}
