using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public sealed class WordPieceTrainerTests : IDisposable
{
    private const string Text = "low low low lower lower newest newest newest newest widest widest, Low!";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TokensAreMergedAsBytePairsAre()
    {
        var trained = WordPieceTrainer.Train(TextCorpus.FromText("it", Text), 60);
        string[] alphabet =
        [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", ",", "d", "e", "i", "l", "n", "o", "r", "s", "t", "w",
            "##d", "##e", "##i", "##o", "##r", "##s", "##t", "##w",
        ];
        Assert.Equal(alphabet, trained.Tokens.Take(alphabet.Length));
        Assert.Equal(Naive(["low:4", "lower:2", "newest:4", "widest:2", ",:1", "!:1"], alphabet), trained.Tokens);
        Assert.All((string[])["low", "lower", "newest", "widest"], word => Assert.Contains(word, trained.Tokens));
        Assert.Equal((Text.Length, 14), (trained.TextBytes, trained.TextTokens));
    }

    /// <summary>The trainer once more: it counts everything anew for each merge.</summary>
    private static List<string> Naive(string[] counted, string[] alphabet)
    {
        List<string> names = [.. alphabet];
        var words = counted.Select(static entry => entry.Split(':')).Select(static entry => (
            Pieces: entry[0].Select(static (letter, at) => at == 0 ? $"{letter}" : $"##{letter}").ToList(), Count: int.Parse(entry[1]))).ToList();
        while (true)
        {
            var pairs = words.SelectMany(static word => word.Pieces.Zip(word.Pieces.Skip(1), (left, right) => (left, right, word.Count)))
                .GroupBy(static pair => (pair.left, pair.right), static pair => pair.Count).Select(static group => (group.Key, Count: group.Sum()))
                .Where(static pair => pair.Count >= 2).OrderByDescending(static pair => pair.Count).ThenBy(pair => names.IndexOf(pair.Key.left))
                .ThenBy(pair => names.IndexOf(pair.Key.right)).ToList();
            if (pairs.Count == 0)
                return names;
            var (left, right) = pairs[0].Key;
            var made = left + right[2..];
            if (!names.Contains(made))
                names.Add(made);
            foreach (var (pieces, _) in words)
            {
                for (var at = 0; at + 1 < pieces.Count; at++)
                {
                    if (pieces[at] != left || pieces[at + 1] != right)
                        continue;
                    pieces[at] = made;
                    pieces.RemoveAt(at + 1);
                }
            }
        }
    }

    [Fact]
    public void TheSameTextGivesTheSameFilesWhateverItsOrder()
    {
        var words = Text.Split(' ');
        WordPieceTrainer.Train(TextCorpus.FromText("it", Text), 50).Save(_folder.File("one"));
        WordPieceTrainer.Train(TextCorpus.FromText("it", string.Join('\n', words.Reverse())), 50).Save(_folder.File("two"));
        foreach (var name in (string[])["vocab.txt", "tokenizer.json", "tokenizer_config.json"])
            Assert.Equal(File.ReadAllBytes(_folder.File($"one/{name}")), File.ReadAllBytes(_folder.File($"two/{name}")));
        var again = WordPieceTrainer.Train(TextCorpus.FromText("it", Text), 50);
        Assert.Contains("is there already", Assert.Throws<GptGenException>(() => again.Save(_folder.File("one"))).Message);
    }

    [Theory]
    [InlineData(false, "Élan élan ELAN", "elan elan elan")]
    [InlineData(true, "Élan élan ELAN", "Élan élan ELAN")]
    public void CaseAndAccentsAreKeptOnRequest(bool isCased, string text, string decoded)
    {
        WordPieceTrainer.Train(TextCorpus.FromText("it", text), 60, isCased).Save(_folder.Path);
        var tokenizer = WordPieceTokenizer.FromFolder(_folder.Path);
        Assert.Equal(!isCased, tokenizer.IsUncased);
        Assert.Equal(decoded, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal(new MaskedTokens(0, 1, 2, 3, 4), tokenizer.Masked);
    }

    [Fact]
    public void TheFilesAreWhatWasLearnedHereAndForHuggingFace()
    {
        var corpus = TextCorpus.FromText("it", string.Concat(Enumerable.Range(0, 50).Select(static seed => SampleTexts.Mixed(seed, 100))) + Text);
        var trained = WordPieceTrainer.Train(corpus, 300);
        trained.Save(_folder.Path);
        var tokenizer = WordPieceTokenizer.FromFolder(_folder.Path);
        Assert.Equal(trained.Tokens.Count, tokenizer.VocabularySize);
        Assert.Equal(trained.TextTokens, tokenizer.Encode(Encoding.UTF8.GetString(corpus.Documents[0])).Length);
        // Every character of the text is there.
        Assert.DoesNotContain(1, tokenizer.Encode(Encoding.UTF8.GetString(corpus.Documents[0])));
        HuggingFaceTokenizer.SkipWhereItDoesNotRun();
        var theirs = new HuggingFaceTokenizer(_folder.File("tokenizer.json"));
        for (var seed = 0; seed < 200; seed++)
            Assert.Equal(theirs.Encode(SampleTexts.Mixed(seed, 50)), tokenizer.EncodePair(SampleTexts.Mixed(seed, 50)).Tokens);
    }

    [Fact]
    public void WordsOfRareCharactersAreUnknown()
    {
        // 1,100 ideographs, of which the last come once.
        var common = string.Concat(Enumerable.Range(0, 1000).Select(static index => (char)(0x4E00 + index)));
        var rare = string.Concat(Enumerable.Range(0, 100).Select(static index => (char)(0x6000 + index)));
        WordPieceTrainer.Train(TextCorpus.FromText("it", common + common + rare), 1100).Save(_folder.Path);
        var tokenizer = WordPieceTokenizer.FromFolder(_folder.Path);
        Assert.Equal(1005, tokenizer.VocabularySize);
        Assert.DoesNotContain(1, tokenizer.Encode(common));
        Assert.All(tokenizer.Encode(rare), static token => Assert.Equal(1, token));
    }

    [Fact]
    public void AVocabularyThatCannotBeLearnedIsRefused()
    {
        Assert.Contains("holds no word", Refused(" \u200B\n", 300));
        Assert.Contains("are 25 already", Refused(Text, 20));

        static string Refused(string text, int vocabulary) =>
            Assert.Throws<GptGenException>(() => WordPieceTrainer.Train(TextCorpus.FromText("it", text), vocabulary)).Message;
    }
}
