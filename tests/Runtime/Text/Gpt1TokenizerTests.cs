using System.Text;
using System.Text.Json;
using System.Text.Encodings.Web;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public sealed class Gpt1TokenizerTests : IDisposable
{
    /// <summary>Learned in this order: "the", "he" at a word's end, "low", "er" at a word's end, "lower".</summary>
    private static readonly string[] s_merges = ["t h", "th e</w>", "h e</w>", "l o", "lo w</w>", "lo w", "e r</w>", "low er</w>"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("encoder_bpe_40000.json", "vocab_40000.bpe")]
    [InlineData("vocab.json", "merges.txt")]
    public void TheMergesOfAWordEndAtItsLastCharacter(string vocabularyName, string mergesName)
    {
        var tokenizer = Open(vocabularyName, mergesName);
        Assert.IsType<Gpt1Tokenizer>(tokenizer);
        Assert.Equal(["the "], Tokens(tokenizer, "the"));
        Assert.Equal(["th", "e", "t "], Tokens(tokenizer, "thet"));
        Assert.Equal(["lower ", "low ", "low", "e", "r", "s "], Tokens(tokenizer, "lower low lowers"));
        Assert.Equal(["t ", "- ", "he "], Tokens(tokenizer, "t-he"));
    }

    /// <summary>What BERT's basic tokenizer gives, by its published rules.</summary>
    [Theory]
    [InlineData("The LOWER", "the lower")]
    [InlineData("  the\n\n\tlow\u00a0er  ", "the low er")]
    [InlineData("don't stop...", "don ' t stop . . .")]
    [InlineData("é É e\u0301 İ ñandú Ελλάς Ёж", "e e e i nandu ελλας еж")]
    [InlineData("a\0b\u200bc\u0007d", "abcd")]
    [InlineData("x中文y", "x 中 文 y")]
    [InlineData("a$b^c`d€e—f", "a $ b ^ c ` d€e — f")]
    [InlineData("a\u2028b\u3000c", "a b c")]
    [InlineData("", "")]
    public void WordsAreThoseOfTheBasicTokenizer(string text, string words) =>
        Assert.Equal(words, string.Join(' ', BasicWords.Of(text, WordRules.Uncased)));

    [Fact]
    public void NumbersAndTextComeBack()
    {
        var tokenizer = Open();
        var numbers = Numbers();
        Assert.Equal([numbers["the</w>"], numbers["lower</w>"], numbers[".</w>"]], tokenizer.Encode("The lower."));
        const string Text = "the lower he low the rest";
        Assert.Equal(Text, tokenizer.Decode(tokenizer.Encode(Text)));
        Assert.Equal("lo", tokenizer.Decode([numbers["lo"]]));
        Assert.Equal(numbers.Count, tokenizer.VocabularySize);
        Assert.Null(tokenizer.EndOfText);
    }

    [Fact]
    public void ACharacterThatTheVocabularyLacksIsUnknown()
    {
        var tokenizer = Open();
        Assert.Equal([0, Numbers()["e</w>"], 0], tokenizer.Encode("Ωe ω"));
        Assert.Equal("<unk>e <unk>", tokenizer.Decode(tokenizer.Encode("Ωe ω")));
        var tokens = new List<int>();
        tokenizer.Encode([0xFF, (byte)'t', 0xC3], tokens);
        Assert.Equal([Numbers()["t</w>"]], tokens);
    }

    /// <summary>Repeated words come from the cache; they must be what the first gave.</summary>
    [Fact]
    public void RepetitionChangesNothing()
    {
        var tokenizer = Open();
        var once = tokenizer.Encode("Lower, THE\nlowest");
        Assert.Equal([.. once, .. once, .. once], tokenizer.Encode("Lower, THE\nlowest Lower, THE\nlowest\r\nLower, THE\nlowest\n"));
    }

    [Fact]
    public void AVocabularyWithoutAnUnknownTokenIsRefused()
    {
        _folder.Write("vocab.json", "{\"a</w>\": 0}");
        _folder.Write("merges.txt", "#version: 0.1\n");
        Assert.Contains("'<unk>'", Assert.Throws<GptGenException>(() => Tokenizer.Open(_folder.Path)).Message);
    }

    private Tokenizer Open(string vocabularyName = "vocab.json", string mergesName = "merges.txt")
    {
        _folder.Write(
            vocabularyName, JsonSerializer.Serialize(Numbers(), new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        _folder.Write(mergesName, "#version: 0.1\n" + string.Join('\n', s_merges) + "\n");
        return Tokenizer.Open(_folder.Path);
    }

    /// <summary>As OpenAI's: the unknown token, single characters, single characters that end a word, merges.</summary>
    private static Dictionary<string, int> Numbers()
    {
        string[] characters = [.. "abcdefghijklmnopqrstuvwxyz.,-'".Select(character => character.ToString())];
        return new[] { "<unk>" }.Concat(characters).Concat(characters.Select(character => character + "</w>"))
            .Concat(s_merges.Select(merge => merge.Replace(" ", "")))
            .Select((name, token) => KeyValuePair.Create(name, token)).ToDictionary();
    }

    private static List<string> Tokens(Tokenizer tokenizer, string text) =>
        [.. tokenizer.Encode(text).Select(token => Encoding.UTF8.GetString(tokenizer.Bytes(token)))];
}
