using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Tokens of Marian's models beside those of Google's SentencePiece by the rules of Hugging Face's class.</summary>
public sealed class MarianTokenizerTests
{
    private static readonly MarianTokenizer s_tokenizer = MarianTokenizer.FromFolder(SampleMarian.Folder);

    [Fact]
    public void TokensAreSentencePiecesPiecesByTheirNumbers()
    {
        var vocabulary = SampleMarian.Vocabulary();
        var (source, target) = (s_tokenizer.NewSession(), s_tokenizer.Targets.NewSession());
        foreach (var (text, sourcePieces, targetPieces, _) in SampleMarian.Expected())
        {
            Check(text, sourcePieces, source, s_tokenizer);
            Check(text, targetPieces, target, s_tokenizer.Targets);
        }

        void Check(string text, string[] pieces, AddedTokens.SectionEncoder encode, Tokenizer tokenizer)
        {
            int[] expected = [.. pieces.Select(piece => vocabulary.GetValueOrDefault(piece, 1))];
            Assert.Equal($"{text}: {string.Join(' ', expected)}", $"{text}: {string.Join(' ', tokenizer.Encode(text))}");
            var tokens = new List<int> { -1 };
            encode(Encoding.UTF8.GetBytes(text), tokens);
            Assert.Equal([-1, .. expected], tokens);
        }
    }

    [Fact]
    public void TextsAreWrittenAsHuggingFaceWritesThem()
    {
        foreach (var (text, _, _, decoded) in SampleMarian.Expected())
        {
            var tokens = s_tokenizer.Targets.Encode(text);
            Assert.Equal((text, decoded), (text, s_tokenizer.Decode([495, .. tokens, 0, 1, 495])));
            Assert.Equal(decoded, s_tokenizer.Targets.Decode(tokens));
        }
    }

    [Fact]
    public void TheRolesOfTokensAreKnown()
    {
        Assert.Equal([41, 68, 31, 120, 33, 20, 175, 6], s_tokenizer.Encode("The file could not be found."));
        Assert.Equal([307, 360, 326, 296, 370, 6], s_tokenizer.Targets.Encode("Die Datei wurde nicht gefunden."));
        Assert.Equal([493, 41, 68], s_tokenizer.Encode(">>deu<< The file"));
        Assert.Equal((496, 0, null), (s_tokenizer.VocabularySize, s_tokenizer.EndOfText, s_tokenizer.BeginOfText));
        Assert.Equal([0, 495], Enumerable.Range(0, 496).Where(s_tokenizer.IsMark));
        Assert.Same(s_tokenizer.Targets, s_tokenizer.Targets.Targets);
        Assert.Same(Tokenizer.Open("gpt2"), Tokenizer.Open("gpt2").Targets);
        // Names of tokens with a role are these tokens in prompts only.
        Assert.Equal([41, 0, 68], s_tokenizer.EncodePrompt("The</s>file"));
        Assert.DoesNotContain(0, s_tokenizer.Encode("The</s>file"));
        Assert.Equal(" file", Encoding.UTF8.GetString(s_tokenizer.Bytes(68)));
        Assert.Throws<GptGenException>(static () => s_tokenizer.Decode([496]));
        Assert.Throws<GptGenException>(static () => s_tokenizer.Bytes(-1).Length);
    }

    [Fact]
    public void BytesThatAreNoTextBecomeOneCharacterEach()
    {
        var tokens = new List<int>();
        s_tokenizer.Encode([(byte)'T', (byte)'h', (byte)'e', 0xff, 0xe2, 0x96, (byte)'a'], tokens);
        Assert.Equal(s_tokenizer.Encode("The\ufffd\ufffd\ufffda"), tokens);
    }
}
