using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GptGen.Text;
using Microsoft.ML.Tokenizers;
using Xunit;
using Tokenizer = GptGen.Text.Tokenizer;

namespace GptGen.Runtime.Tests.Text;

public sealed partial class VocabularyFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>GPT-2's vocabulary, written as the two files, gives the same tokens here and in another implementation.</summary>
    [Theory]
    [InlineData("vocab.json", "merges.txt")]
    [InlineData("encoder.json", "vocab.bpe")]
    public void FilesGiveTheSameTokensAsThePackage(string vocabularyName, string mergesName)
    {
        var names = Enumerable.Range(0, 50256).Select(token => Name(BytePairTokenizer.Gpt2.Bytes(token))).Append("<|endoftext|>").ToList();
        var numbers = names.Select((name, token) => KeyValuePair.Create(name, token)).ToDictionary(StringComparer.Ordinal);
        var merges = names.Take(50256).Select((name, token) => Merge(name, token, numbers)).Where(merge => merge.Length > 0).ToList();
        Assert.Equal(50_000, merges.Count);
        _folder.Write(vocabularyName, Json(numbers));
        _folder.Write(mergesName, "#version: 0.2\n" + string.Join('\n', merges) + "\n");

        var tokenizer = Tokenizer.Open(_folder.Path);
        var peer = BpeTokenizer.Create(
            new BpeOptions(numbers) { Merges = merges, ByteLevel = true, PreTokenizer = new RegexPreTokenizer(Pieces(), null) });
        Assert.Equal((50257, 50256), (tokenizer.VocabularySize, tokenizer.EndOfText));
        for (var seed = 0; seed < 20; seed++)
        {
            var text = SampleTexts.Mixed(seed, 300);
            var tokens = tokenizer.Encode(text);
            Assert.Equal(BytePairTokenizer.Gpt2.Encode(text), tokens);
            Assert.Equal(peer.EncodeToIds(text), tokens);
            Assert.Equal(text, tokenizer.Decode(tokens));
        }
    }

    [Fact]
    public void MergesApplyInTheirOrderWhateverTheNumbers()
    {
        // "bc" is learned before "ab", so abc is a + bc, although ab has the lower number.
        Write(["ab", "bc"], "b c\na b\n");
        Assert.Equal(["a", "bc", "ab"], Tokenizer.Open(_folder.Path).Encode("abcab").Select(token => Tokenizer.Open(_folder.Path).Decode([token])));
    }

    [Fact]
    public void MissingFilesAreNamed() => AssertRefused("vocab.json and merges.txt");

    [Theory]
    [InlineData("{\"a\": 0, ", "JSON")]
    [InlineData("[1, 2]", "JSON")]
    [InlineData("{\"a\": \"x\"}", "token 'a' has the number \"x\"")]
    [InlineData("{\"a\": 1.5}", "token 'a' has the number 1.5")]
    [InlineData("{\"a\": -1}", "token 'a' has the number -1")]
    [InlineData("{\"a\": 2147483648}", "token 'a' has the number 2147483648")]
    [InlineData("{\"a\": 0, \"far\": 1000000000}", "token 'far' has the number 1000000000, but there are only 2 tokens: give it the number 2")]
    [InlineData("{\"a\": 0, \"b\": 0}", "'a' and 'b' both have the number 0")]
    [InlineData("{\"a\": 0, \"a\": 1}", "'a' twice")]
    [InlineData("{\"a\": NaN}", "vocab.json")]
    [InlineData("{\"a\": 0}", "no token for byte 0")]
    public void DamagedVocabulariesAreRefused(string json, string cause)
    {
        _folder.Write("vocab.json", json);
        _folder.Write("merges.txt", "");
        AssertRefused(cause);
    }

    [Theory]
    [InlineData("#version: 0.2\nb c\na b c\n", "line 3")]
    [InlineData("a c\n", "line 1")]
    public void ForeignMergesAreRefused(string merges, string cause)
    {
        Write(["ab", "bc"], merges);
        AssertRefused(cause);
    }

    /// <summary>The merges of a vocabulary are whole: what they do not make is a byte, or a mark in brackets.</summary>
    [Theory]
    [InlineData(0, "line 1", "has 0 merges, but 270 tokens - 256 bytes - 1 special = 13: nothing makes token 'he' (257)")]
    [InlineData(5, "line 6", "has 5 merges, but 270 tokens - 256 bytes - 1 special = 13: nothing makes token 'or' (262)")]
    [InlineData(12, "line 13", "nothing makes token ''s' (269)")]
    public void MergesThatAreCutShortAreNoticed(int merges, string line, string cause)
    {
        SampleVocabulary.WritePair(
            _folder, merges: "#version: 0.2\n" + string.Concat(SampleVocabulary.Merges.Take(merges).Select(static merge => merge + "\n")));
        AssertRefused(cause);
        AssertRefused($"merges.txt' ends with {line} and");
    }

    [Fact]
    public void MarksInBracketsAndAddedTokensNeedNoMerge()
    {
        SampleVocabulary.WritePair(
            _folder, static numbers => (numbers["<mask>"], numbers["[PAD]"], numbers["tool"], numbers["▁x"]) = (270, 271, 272, 273));
        AssertRefused("token 'tool' (272)");
        _folder.Write("added_tokens.json", """{"tool": 272}""");
        Assert.Equal([272, 260], Tokenizer.Open(_folder.Path).Encode("toolhello"));
    }

    [Theory]
    [InlineData("\r\n", "#version: 0.2", "")]
    [InlineData("\n", "#version: 0.2 - Trained by `huggingface/tokenizers`", " ")]
    [InlineData("\n", "# merges", "\t")]
    [InlineData("\n", "\uFEFF#version: 0.1", "")]
    [InlineData("\n\n", "h e", "  ")]
    public void LineEndsAndHeadersAreTakenAsTheyCome(string end, string header, string after)
    {
        var merges = header == "h e" ? SampleVocabulary.Merges.Skip(1) : SampleVocabulary.Merges;
        SampleVocabulary.WritePair(_folder, merges: string.Concat(merges.Prepend(header).Select(merge => merge + after + end)));
        Assert.Equal([260, 267], Tokenizer.Open(_folder.Path).Encode("hello world"));
    }

    [Theory]
    [InlineData("h e\nl l\nh e\n", "line 3: 'h e' is there already")]
    [InlineData("h e\nhe", "line 2: 'he' is not a pair")]
    [InlineData("h e\n# more\n", "line 2: '# more' is not a pair")]
    [InlineData("h  e\n", "line 1: 'h  e' is not a pair")]
    public void LinesThatAreNoMergesAreNamed(string merges, string cause)
    {
        SampleVocabulary.WritePair(_folder, merges: merges);
        AssertRefused(cause);
    }

    /// <summary>Names from a file are quoted short and without what steers a terminal; the cost follows the file's size.</summary>
    [Fact]
    public void EndlessNamesAreShortened()
    {
        SampleVocabulary.WritePair(_folder, static numbers => numbers[new string('x', 1_000_000)] = 270);
        var error = Assert.Throws<GptGenException>(() => Tokenizer.Open(_folder.Path));
        Assert.True(error.Message.Length < 1000, error.Message);
    }

    private void AssertRefused(string cause)
    {
        var error = Assert.Throws<GptGenException>(() => Tokenizer.Open(_folder.Path));
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private void Write(string[] tokens, string merges)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => Name([(byte)value]));
        _folder.Write("vocab.json", Json(bytes.Concat(tokens).Select((name, token) => KeyValuePair.Create(name, token)).ToDictionary()));
        _folder.Write("merges.txt", merges);
    }

    private static byte[] Json(Dictionary<string, int> numbers)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (name, token) in numbers)
                writer.WriteNumber(name, token);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>The visible characters for bytes.</summary>
    private static string Name(ReadOnlySpan<byte> bytes)
    {
        var name = new StringBuilder();
        foreach (var value in bytes)
        {
            name.Append(value switch
            {
                <= 32 => (char)(256 + value),
                >= 127 and <= 160 => (char)(256 + value - 94),
                173 => '\u0143',
                _ => (char)value,
            });
        }

        return name.ToString();
    }

    /// <summary>The two tokens that merge last when only the tokens before a token exist.</summary>
    private static string Merge(string name, int token, Dictionary<string, int> numbers)
    {
        var parts = name.Select(character => character.ToString()).ToList();
        while (parts.Count > 2)
        {
            var (best, at) = Enumerable.Range(0, parts.Count - 1)
                .Select(i => (Rank: numbers.GetValueOrDefault(parts[i] + parts[i + 1], int.MaxValue), i))
                .Min();
            Assert.True(best < token);
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }

        return parts.Count == 2 ? $"{parts[0]} {parts[1]}" : "";
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Pieces();
}
