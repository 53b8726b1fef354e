using System.Text;
using System.Text.RegularExpressions;
using GptGen.Text;
using Microsoft.ML.Tokenizers;
using Xunit;
using Tokenizer = GptGen.Text.Tokenizer;

namespace GptGen.Runtime.Tests.Text;

public sealed partial class BytePairTrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// By hand: "abab abab abab cab" has the pieces "abab" once, " abab" twice and " cab" once. ab occurs 7 times;
    /// then ab + ab three times, then a space and abab twice. No other pair occurs twice.
    /// </summary>
    [Fact]
    public void ATinyTextGivesTheMergesCountedByHand()
    {
        var trained = Train("abab abab abab cab", 300);
        Assert.Equal(["a b", "ab ab", "Ġ abab"], Merges(trained));
        Assert.Equal(260, trained.Size);
        // abab, Ġabab, Ġabab, Ġ c ab.
        Assert.Equal((18, 6), (trained.TextBytes, trained.TextTokens));
    }

    [Fact]
    public void OfEquallyFrequentPairsTheOneWithTheLowerNumbersIsFirst()
    {
        Assert.Equal(["a c", "b d", "c a", "d b"], Merges(Train("db bd ac ca\nca\nac\ndb\nbd\n", 261)));
        Assert.Equal(["x a", "x b"], Merges(Train("xb\nxa\nxb\nxa", 259)));
    }

    /// <summary>In "aaa" the pair aa occurs twice, but only the left one can merge, as in encoding.</summary>
    [Fact]
    public void RunsMergeFromTheLeft()
    {
        var trained = Train("aaaaa\naaaaa", 300);
        Assert.Equal(["a a", "aa a", "aa aaa"], Merges(trained));
        Assert.Equal(3, trained.TextTokens);
    }

    /// <summary>A rescan of the whole text for every merge finds the same.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void IncrementalCountsAgreeWithARescan(int seed)
    {
        var text = SampleTexts.Mixed(seed, 400) + string.Concat(Enumerable.Repeat("abcabbaa", 20)) + RandomWords(seed);
        Assert.Equal(Rescan(text, 200), Merges(Train(text, BytePairTrainer.SmallestVocabulary + 200)));
    }

    [Fact]
    public void FilesReadHereAndByAnotherImplementationGiveTheSameTokens()
    {
        var text = string.Concat(Enumerable.Range(0, 30).Select(seed => SampleTexts.Mixed(seed, 100)));
        var trained = Train(text, 500);
        trained.Save(_folder.File("new/vocabulary"));
        var tokenizer = Tokenizer.Open(_folder.File("new/vocabulary"));
        var peer = BpeTokenizer.Create(new BpeOptions(_folder.File("new/vocabulary/vocab.json"), _folder.File("new/vocabulary/merges.txt"))
        {
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(Pieces(), null),
        });

        Assert.Equal((500, 499), (tokenizer.VocabularySize, tokenizer.EndOfText));
        var tokens = tokenizer.Encode(text);
        Assert.Equal(trained.TextTokens, tokens.Length);
        Assert.Equal(peer.EncodeToIds(text), tokens);
        Assert.Contains(tokens, token => token > 400);
        foreach (var other in (string[])[text, SampleTexts.AnyRunes(1, 500)])
            Assert.Equal(other, tokenizer.Decode(tokenizer.Encode(other)));
        Assert.Equal(["merges.txt", "vocab.json"], Directory.GetFiles(_folder.File("new/vocabulary")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void TheSameTextGivesTheSameFiles()
    {
        var text = SampleTexts.Mixed(7, 2000);
        foreach (var name in (string[])["a", "b"])
            Train(text, 400).Save(_folder.File(name));
        foreach (var file in (string[])["vocab.json", "merges.txt"])
            Assert.Equal(File.ReadAllBytes(_folder.File($"a/{file}")), File.ReadAllBytes(_folder.File($"b/{file}")));
        Assert.StartsWith("#version: 0.2\n", File.ReadAllText(_folder.File("a/merges.txt")));
    }

    [Fact]
    public void TheSmallestVocabularyHasOnlyBytes()
    {
        Train("aaaa aaaa", 257).Save(_folder.File("bytes"));
        Assert.Equal(4, Tokenizer.Open(_folder.File("bytes")).Encode("é a").Length);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(0)]
    [InlineData(-5)]
    public void AVocabularyWithoutRoomForTheBytesIsRefused(int size) =>
        Assert.Contains("at least 257", Assert.Throws<GptGenException>(() => Train("text", size)).Message);

    [Fact]
    public void AVocabularyInTheFolderIsNotReplaced()
    {
        Train("abab", 258).Save(_folder.Path);
        var before = File.ReadAllText(_folder.File("merges.txt"));
        Assert.Contains("already", Assert.Throws<GptGenException>(() => Train("cdcd", 258).Save(_folder.Path)).Message);
        Assert.Equal(before, File.ReadAllText(_folder.File("merges.txt")));
    }

    [Fact]
    public void LearningCanBeStopped() => Assert.Throws<OperationCanceledException>(
        () => BytePairTrainer.Train(TextCorpus.FromText("test", "abab"), 300, new CancellationToken(canceled: true)));

    [Fact]
    public void LongTextsWithoutSpacesTakeNoQuadraticTime()
    {
        var random = new Random(1);
        Assert.Equal(1000, Train(string.Create(500_000, random, static (span, random) => random.GetItems<char>("abcdefgh", span)), 1000).Size);
    }

    private static TrainedVocabulary Train(string text, int vocabulary) => BytePairTrainer.Train(TextCorpus.FromText("test", text), vocabulary);

    private static string RandomWords(int seed)
    {
        var random = new Random(seed);
        return string.Concat(Enumerable.Range(0, 500).Select(_ => " " + new string(random.GetItems<char>("aab", random.Next(1, 9)))));
    }

    private List<string> Merges(TrainedVocabulary trained)
    {
        var folder = _folder.File(Guid.NewGuid().ToString());
        trained.Save(folder);
        return [.. File.ReadLines(Path.Combine(folder, "merges.txt")).Skip(1)];
    }

    /// <summary>Sennrich's algorithm as it is written down, on lists of visible characters; GPT-2's numbers break ties.</summary>
    private static List<string> Rescan(string text, int merges)
    {
        var numbers = new Dictionary<string, int>();
        foreach (var character in Enumerable.Range(0, 256).Select(value => Visible((byte)value)).Order())
            numbers.Add(character.ToString(), numbers.Count);
        var pieces = Pieces().Matches(text).Select(match => Encoding.UTF8.GetBytes(match.Value).Select(value => Visible(value).ToString()).ToList())
            .ToList();
        var found = new List<string>();
        while (found.Count < merges)
        {
            var best = pieces.SelectMany(piece => piece.Zip(piece.Skip(1))).GroupBy(pair => pair).Where(group => group.Count() > 1)
                .OrderByDescending(group => group.Count()).ThenBy(group => numbers[group.Key.First]).ThenBy(group => numbers[group.Key.Second])
                .First().Key;
            found.Add($"{best.First} {best.Second}");
            numbers.Add(best.First + best.Second, numbers.Count);
            foreach (var piece in pieces)
            {
                for (var i = 0; i + 1 < piece.Count; i++)
                {
                    if ((piece[i], piece[i + 1]) == best)
                    {
                        piece[i] += piece[i + 1];
                        piece.RemoveAt(i + 1);
                    }
                }
            }
        }

        return found;
    }

    private static char Visible(byte value) => value switch
    {
        <= 32 => (char)(256 + value),
        >= 127 and <= 160 => (char)(256 + value - 94),
        173 => '\u0143',
        _ => (char)value,
    };

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Pieces();
}
