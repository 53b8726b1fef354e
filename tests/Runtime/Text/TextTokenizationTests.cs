using System.Text;
using System.Text.Json;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>A text in parts has the tokens that it has as a whole.</summary>
public sealed class TextTokenizationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("bytes", 3)]
    [InlineData("gpt2", 1)]
    [InlineData("gpt2", 2)]
    [InlineData("gpt2", 50)]
    public void PartsHaveTheTokensOfTheWhole(string name, int block)
    {
        var tokenizer = Tokenizer.Open(name);
        var texts = SampleText(3000);
        folder.Write("a.txt", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(texts)]);
        folder.Write("b.txt", "\n\n  x  \n y\t\n");
        folder.Write("c.txt", "");
        var corpus = TextCorpus.Load(folder.Path);
        var (tokens, written) = Write(tokenizer, block, separator: null, column: null);
        Assert.Equal(corpus.Tokenize(tokenizer), tokens);
        Assert.Equal((2, corpus.ByteCount, tokens.Length), (written.Documents, written.Bytes, written.Tokens));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(100_000)]
    public void DocumentsEndAtSeparators(int block)
    {
        const string Separator = "<|endoftext|>";
        folder.Write("a.txt", $"{Separator}one two{Separator}{Separator}three {SampleText(500)}{Separator} four <|endof text|>");
        folder.Write("b.txt", $"five{Separator}");
        var corpus = TextCorpus.Load(folder.Path).CutAt(Separator);
        var (tokens, written) = Write(BytePairTokenizer.Gpt2, block, Separator, column: null);
        Assert.Equal(corpus.Tokenize(BytePairTokenizer.Gpt2), tokens);
        Assert.Equal(corpus.Documents.Count, written.Documents);
    }

    [Fact]
    public void AColumnOfJsonLinesIsADocumentALine()
    {
        string[] documents = ["one\ntwo", "é \ud83d\ude00 \"three\"", SampleText(400)];
        var lines = documents.Select(static text => $$"""{"id": 1, "text": {{JsonSerializer.Serialize(text)}}}""");
        folder.Write("a.jsonl", string.Join("\r\n", lines) + "\n\n");
        folder.Write("b.jsonl", """{"text": ""}""");
        var (tokens, written) = Write(BytePairTokenizer.Gpt2, 7, separator: null, "text");
        int[] expected = [.. documents.SelectMany(static text => BytePairTokenizer.Gpt2.Encode(text).Prepend(50256))];
        Assert.Equal(expected, tokens);
        Assert.Equal(3, written.Documents);
    }

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"other\": \"b\"}", "Line 2 of", "has no text named 'text'")]
    [InlineData("\n{\"text\": 5}", "Line 2 of", "has no text named 'text'")]
    [InlineData("{\"text\": \"a\"}\n[1]\n", "Line 2 of", "has no text named 'text'")]
    [InlineData("plain", "Line 1 of", "is no JSON")]
    [InlineData("{\"text\": \"\\ud800\"}", "Line 1 of", "is no JSON")]
    public void ALineThatIsNoneIsNamed(string text, string line, string what)
    {
        folder.Write("a.jsonl", text);
        var message = Assert.Throws<GptGenException>(() => Write(ByteTokenizer.Instance, 5, separator: null, "text")).Message;
        Assert.Contains(line, message);
        Assert.Contains(what, message);
        Assert.False(File.Exists(folder.File("out/tokens.bin")));
    }

    [Fact]
    public void WhatIsNoTextIsRefusedAndNothingIsWritten()
    {
        Assert.Contains("holds no text", Refusal([]));
        Assert.Contains("byte 4007 (0xFF)", Refusal([.. Enumerable.Repeat((byte)'a', 4000), .. "b c de "u8, 0xFF, (byte)'f']));
        Assert.Contains("UTF-16", Refusal(Encoding.Unicode.GetBytes("plain text in two bytes each")));
        // The first block ends within a character.
        folder.Write("a.txt", "aé é");
        Assert.Equal("aé é"u8.Length, Write(ByteTokenizer.Instance, 1, null, null).Tokens.Length);

        string Refusal(byte[] bytes)
        {
            folder.Write("a.txt", bytes);
            var message = Assert.Throws<GptGenException>(() => Write(ByteTokenizer.Instance, 16, null, null)).Message;
            Assert.False(File.Exists(folder.File("out/tokens.bin")));
            return message;
        }
    }

    [Theory]
    [InlineData(TokenFileFormat.NanoGpt)]
    [InlineData(TokenFileFormat.LlmC)]
    public void TheFilesAreThoseOfTokensInMemory(TokenFileFormat format)
    {
        folder.Write("texts/a.txt", SampleText(2000));
        var (streamed, whole) = (folder.File("streamed.bin"), folder.File("whole.bin"));
        TextTokenization.Write([folder.File("texts")], BytePairTokenizer.Gpt2, streamed, format);
        TokenFile.Write(whole, TextCorpus.Load(folder.File("texts")).Tokenize(BytePairTokenizer.Gpt2), format);
        Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(streamed));
    }

    private (int[] Tokens, TokenizedText Written) Write(Tokenizer tokenizer, int block, string? separator, string? column)
    {
        var files = DataFiles.Find([folder.Path], note: null);
        var path = Path.Combine(Directory.CreateTempSubdirectory("gptgen-tokens-").FullName, "tokens.bin");
        try
        {
            var reader = new DocumentReader(files, separator, column, tokenizer.MayBeCut) { BlockBytes = block };
            var written = TextTokenization.Write(reader, "texts", tokenizer, path, TokenFileFormat.NanoGpt, 3, null, CancellationToken.None);
            using var file = TokenFile.Open(path, tokenizer.VocabularySize);
            var tokens = new int[file.Count];
            file.Read(0, tokens);
            return (tokens, written);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    /// <summary>Words, numbers, white space of all kinds and lengths, marks, and letters of several bytes.</summary>
    private static string SampleText(int pieces)
    {
        string[] kinds =
        [
            "word", "'s", " ", "  ", "\n", "\r\n", "\t", "12", ".", "!?", "é", "\u00A0", "日本", "\ud83d\ude00", "\u0301", " The", "\u2003",
        ];
        var (random, text) = (new Random(5), new StringBuilder());
        for (var piece = 0; piece < pieces; piece++)
            text.Append(kinds[random.Next(kinds.Length)]);
        return text.ToString();
    }
}
