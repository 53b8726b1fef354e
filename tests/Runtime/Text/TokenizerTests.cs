using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public class TokenizerTests
{
    private static readonly BytePairTokenizer s_gpt2 = BytePairTokenizer.Gpt2;

    [Theory]
    [InlineData("Hello world", 15496, 995)]
    [InlineData(" don't", 836, 470)]
    [InlineData("I'LL", 40, 6, 3069)]
    [InlineData("  x  \n\n y", 220, 2124, 220, 220, 628, 331)]
    [InlineData("😀 é", 47249, 222, 38251)]
    [InlineData("", new int[0])]
    public void Gpt2GivesTheKnownTokens(string text, params int[] tokens) => Assert.Equal(tokens, s_gpt2.Encode(text));

    [Fact]
    public void Gpt2KnowsItsSpecialToken()
    {
        Assert.Equal(50257, s_gpt2.VocabularySize);
        Assert.Equal(50256, s_gpt2.EndOfText);
        Assert.Equal([64, 50256, 65], s_gpt2.EncodePrompt("a<|endoftext|>b"));
        Assert.Equal([50256, 50256], s_gpt2.EncodePrompt("<|endoftext|><|endoftext|>"));
        Assert.DoesNotContain(50256, s_gpt2.Encode("a<|endoftext|>b"));
        Assert.Equal("<|endoftext|>", s_gpt2.Decode([50256]));
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("gpt2")]
    public void AnyUnicodeComesBack(string name)
    {
        var tokenizer = Tokenizer.Open(name);
        Assert.Equal(name, tokenizer.Name);
        for (var seed = 0; seed < 20; seed++)
        {
            foreach (var text in (string[])[SampleTexts.Mixed(seed, 200), SampleTexts.AnyRunes(seed, 200)])
                Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("gpt2")]
    public void AnyBytesComeBack(string name)
    {
        var tokenizer = Tokenizer.Open(name);
        var bytes = new byte[10_000];
        new Random(3).NextBytes(bytes);
        var tokens = new List<int>();
        tokenizer.Encode(bytes, tokens);
        Assert.Equal(bytes, tokens.SelectMany(token => tokenizer.Bytes(token).ToArray()));
    }

    [Fact]
    public void Gpt2AgreesWithSharpToken()
    {
        var peer = SharpToken.GptEncoding.GetEncoding("r50k_base");
        for (var seed = 0; seed < 50; seed++)
        {
            // The peer refuses the special token's name in text.
            var text = SampleTexts.Mixed(seed, 300).Replace("<|endoftext|>", "<|", StringComparison.Ordinal);
            Assert.Equal(peer.Encode(text), s_gpt2.Encode(text));
        }
    }

    /// <summary>
    /// U+10400 is a letter, so what follows it is the contraction 's (token 338), as the published rule says; UTF-16 rules miss that.
    /// </summary>
    [Fact]
    public void LettersBeyondTheBasicPlaneAreLetters() => Assert.Equal([172, 238, 238, 222, 338], s_gpt2.Encode("\U00010400's"));

    [Fact]
    public void LongTextsWithoutSpacesTakeNoQuadraticTime()
    {
        var text = string.Concat(Enumerable.Repeat("abcdefghij", 50_000));
        Assert.Equal(text, s_gpt2.Decode(s_gpt2.Encode(text)));
    }

    [Theory]
    [InlineData("bytes", 256)]
    [InlineData("gpt2", 50257)]
    [InlineData("gpt2", -1)]
    public void UnknownTokensAreRefused(string name, int token)
    {
        var error = Assert.Throws<GptGenException>(() => Tokenizer.Open(name).Decode([token]));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownNamesAreRefused() =>
        Assert.Contains("gpt3", Assert.Throws<GptGenException>(() => Tokenizer.Open("gpt3")).Message, StringComparison.Ordinal);

    [Fact]
    public void BytesAreTheirOwnTokens() => Assert.Equal([72, 195, 169], ByteTokenizer.Instance.Encode("Hé"));

    [Fact]
    public void ByteTokenizerStandsForUtf8() =>
        Assert.Equal(Encoding.UTF8.GetBytes("é😀").Select(value => (int)value), ByteTokenizer.Instance.Encode("é😀"));
}
