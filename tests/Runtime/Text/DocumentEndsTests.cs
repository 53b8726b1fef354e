using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>The name of the token that separates documents, in a text.</summary>
public sealed class DocumentEndsTests : IDisposable
{
    private const int End = 50256;
    private static readonly int[] s_one = BytePairTokenizer.Gpt2.Encode("one");
    private static readonly int[] s_two = BytePairTokenizer.Gpt2.Encode("two");
    private readonly TemporaryFolder folder = new();
    private readonly List<string> notes = [];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("one<|endoftext|>two")]
    [InlineData("<|endoftext|>one<|endoftext|>two<|endoftext|>")]
    [InlineData("one<|endoftext|><|endoftext|>two")]
    public void ItSeparatesWhereItIsAskedTo(string text)
    {
        Assert.Equal([End, .. s_one, End, .. s_two], Load(text, BytePairTokenizer.Gpt2, endOfText: true));
        Assert.Empty(notes);
    }

    [Fact]
    public void OtherwiseItIsLettersAndSaidToBe()
    {
        Assert.Equal(
            [End, .. BytePairTokenizer.Gpt2.Encode("one<|endoftext|>two")], Load("one<|endoftext|>two", BytePairTokenizer.Gpt2, endOfText: false));
        Assert.Contains($"'{folder.File("eot.txt")}' holds <|endoftext|>", Assert.Single(notes));
        Assert.Contains("with DataOptions.EndOfText it ends", notes[0]);
        notes.Clear();
        Load("one <|endoftex|> two", BytePairTokenizer.Gpt2, endOfText: false);
        Assert.Empty(notes);
    }

    [Fact]
    public void AVocabularyWithoutSuchATokenSaysSo()
    {
        Assert.Equal(19, Load("one<|endoftext|>two", ByteTokenizer.Instance, endOfText: false).Length);
        Assert.Contains("'bytes': it has no token that separates documents", Assert.Single(notes));
        var refused = Assert.Throws<GptGenException>(() => Load("one", ByteTokenizer.Instance, endOfText: true));
        Assert.Contains("DataOptions.EndOfText can mean nothing", refused.Message);
    }

    [Fact]
    public void NothingButSeparatorsIsNoText() =>
        Assert.Contains(
            "holds nothing but <|endoftext|>",
            Assert.Throws<GptGenException>(() => Load("<|endoftext|><|endoftext|>", BytePairTokenizer.Gpt2, endOfText: true)).Message);

    [Fact]
    public void AVocabularyIsLearnedFromTheDocuments()
    {
        var corpus = TextCorpus.Load(folder.Write("eot.txt", string.Concat(Enumerable.Repeat("one<|endoftext|>two<|endoftext|>", 20))));
        Assert.Equal(40, DocumentEnds.ToLearnFrom(corpus, areSeparators: true, notes.Add).Documents.Count);
        Assert.Empty(notes);
        Assert.Same(corpus, DocumentEnds.ToLearnFrom(corpus, areSeparators: false, notes.Add));
        Assert.Single(notes);
    }

    private int[] Load(string text, Tokenizer tokenizer, bool endOfText)
    {
        using var data = TokenizedData.Load(
            [folder.Write("eot.txt", text)], tokenizer, tokenizer.VocabularySize, new(endOfText), notes.Add, TestContext.Current.CancellationToken);
        var tokens = new int[data.ForEvaluation.Count];
        data.ForEvaluation.Read(0, tokens);
        return tokens;
    }
}
