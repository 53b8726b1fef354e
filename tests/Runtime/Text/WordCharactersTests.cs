using System.Text;
using System.Text.Json;
using GptGen.Runtime.Tests.Golden;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Words as characters, and vocabularies of words, as bilm-tf has them.</summary>
public class WordCharactersTests
{
    /// <summary>With a word of 80 bytes, and some of several bytes a character; golden characters count from 1.</summary>
    [Fact]
    public void CharactersAreAnotherImplementations()
    {
        using var files = new ElmoGoldenFiles();
        var sentences = files.Inputs.GetProperty("tokens").Deserialize<string[][]>()!;
        var expected = files.Inputs.GetProperty("char_ids").Deserialize<int[][][]>()!;
        using var folder = new TemporaryFolder();
        string[] marks = ["<S>", "</S>", "<UNK>"];
        var tokenizer = Vocabulary(folder, [.. marks, .. sentences.SelectMany(static words => words).Distinct().Except(marks)]);
        foreach (var (words, characters) in sentences.Zip(expected))
        {
            var ids = new int[words.Length * WordCharacters.Count];
            WordCharacters.Write(tokenizer, tokenizer.EncodePrompt(string.Join(' ', words)), ids);
            Assert.Equal(characters.Take(words.Length).SelectMany(static word => word.Select(static character => character - 1)), ids);
        }
    }

    [Fact]
    public void AWordAndNoWordTakeEveryPlace()
    {
        var characters = Enumerable.Repeat(-1, 2 * WordCharacters.Count).ToArray();
        WordCharacters.Write("ab"u8, characters);
        Assert.Equal([258, 'a', 'b', 259, 260], characters[..5]);
        Assert.All(characters[4..WordCharacters.Count], static character => Assert.Equal(260, character));
        Assert.Equal(-1, characters[WordCharacters.Count]);
        WordCharacters.WriteNothing(characters);
        Assert.All(characters, static character => Assert.Equal(260, character));
    }

    [Fact]
    public void TokensOfPiecesAreTheirBytes()
    {
        var characters = new int[2 * WordCharacters.Count];
        var tokenizer = BytePairTokenizer.Gpt2;
        WordCharacters.Write(tokenizer, [tokenizer.Encode(" the")[0], tokenizer.EndOfText!.Value], characters);
        Assert.Equal([258, ' ', 't', 'h', 'e', 259, 260], characters[..7]);
        Assert.Equal([258, 257, 259, 260], characters[WordCharacters.Count..][..4]);
    }

    [Fact]
    public void AVocabularyOfWordsSplitsAtSpacesAndLines()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Vocabulary(folder, ["<S>", "</S>", "<UNK>", "the", "cat", ".", "naïve"]);
        Assert.Equal((7, 0, 1), (tokenizer.VocabularySize, tokenizer.BeginOfText, tokenizer.EndOfText));
        int[] tokens = [3, 4, 5, 1, 0, 6, 2, 5];
        Assert.Equal(tokens, tokenizer.Encode("  the\tcat .\r\n\n naïve\u00a0dog .\n"));
        Assert.Equal("the cat .\nnaïve <UNK> .", tokenizer.Decode(tokens));
        Assert.Equal([2, 2], tokenizer.Encode("<S> The"));
        Assert.Equal([0, 3, 1], tokenizer.EncodePrompt("<S> the </S>"));
        Assert.Equal("naïve", Encoding.UTF8.GetString(tokenizer.Bytes(6)));
        Assert.Contains("7 tokens", Assert.Throws<GptGenException>(() => tokenizer.Bytes(7).Length).Message);
        Assert.True(tokenizer.CopyFiles(folder.File("copy")));
        Assert.Equal(tokens, Assert.IsType<WordVocabularyTokenizer>(Tokenizer.Open(folder.File("copy"))).Encode("the cat .\nnaïve dog ."));
    }

    [Fact]
    public void TheTextOfWordsIsMeasuredWithWhatSeparatesThem()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Vocabulary(folder, ["<S>", "</S>", "<UNK>", "the", "cat", ".", "naïve"]);
        const string Text = "the cat .\nnaïve cat .\n";
        using var data = TokenizedData.FromText(TextCorpus.FromText("a text", Text), tokenizer);
        Assert.Equal(new(6, Encoding.UTF8.GetByteCount(Text)), TextSize.Of(data.ForEvaluation, tokenizer));
        Assert.Equal(new(2, 10), TextSize.Of(TokenSource.FromMemory(tokenizer.Encode("the dog")), tokenizer));
    }

    [Fact]
    public void EveryDocumentStandsBetweenTheMarks()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Vocabulary(folder, ["</S>", "<S>", "<UNK>", "the", "cat", "."]);
        var texts = folder.File("texts");
        Directory.CreateDirectory(texts);
        File.WriteAllText(Path.Combine(texts, "a.txt"), "the cat\ncat .\n");
        File.WriteAllText(Path.Combine(texts, "b.txt"), "the .");
        Assert.Equal([1, 3, 4, 0, 1, 4, 5, 0, 1, 3, 5, 0], TextCorpus.Load(texts).Tokenize(tokenizer));
        Assert.Equal([1], TextStart.Tokens(tokenizer));
    }

    [Theory]
    [InlineData("</S>\n<S>\n<UNK>\nthe\ncat\n", 1, 0, 3)]
    [InlineData("<UNK>\r\n</S>\r\n<S>\r\nthe\r\ncat\r\n", 2, 1, 3)]
    [InlineData("!!!MAXTERMID\n</S>\n<S>\n<UNK>\nthe\ncat\n", 1, 0, 3)]
    [InlineData("<S>\n</S>\n!!!MAXTERMID\n<UNK>\n!!!MAXTERMID\nthe\n!!!MAXTERMID\ncat", 0, 1, 3)]
    public void MarksComeInAnyOrderAndOneLineDoesNotCount(string content, int begin, int end, int first)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("vocab.txt"), content);
        var tokenizer = Assert.IsType<WordVocabularyTokenizer>(Tokenizer.Open(folder.Path));
        Assert.Equal((5, begin, end), (tokenizer.VocabularySize, tokenizer.BeginOfText, tokenizer.EndOfText));
        Assert.Equal([first, first + 1], tokenizer.Encode("the cat"));
        Assert.Equal(tokenizer.EncodePrompt("<UNK>"), tokenizer.Encode("!!!MAXTERMID"));
    }

    [Fact]
    public void AVocabularyWithoutAMarkIsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("vocab.txt"), "<S>\n</S>\nthe\n");
        var error = Assert.Throws<GptGenException>(() => WordVocabularyTokenizer.FromFolder(folder.Path));
        Assert.Contains("has no line '<UNK>'", error.Message);
        File.WriteAllText(folder.File("vocab.txt"), "<S>\n!!!MAXTERMID\n</S>\n<UNK>\nthe\n!!!MAXTERMID\nthe\n");
        var message = Assert.Throws<GptGenException>(() => Tokenizer.Open(folder.Path)).Message;
        Assert.Contains("line 7: the token 'the' is there already, in line 5", message);
    }

    private static WordVocabularyTokenizer Vocabulary(TemporaryFolder folder, string[] words)
    {
        File.WriteAllLines(folder.File("vocab.txt"), words);
        return Assert.IsType<WordVocabularyTokenizer>(Tokenizer.Open(folder.Path));
    }
}
