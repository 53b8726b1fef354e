using System.Text;
using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Translation;

public sealed class PairFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.tsv", "\"Go\" \tVa\r\n\r\nIt \"rains\", again\t\"Il pleut\"\r\n", 3)]
    [InlineData("a.txt", "\uFEFF\"Go\" \tVa\nIt \"rains\", again\t\"Il pleut\"", 2)]
    [InlineData("a.tsv", "id\ttarget\tsource\n1\tVa\t\"\"\"Go\"\" \"\n2\t\"\"\"Il pleut\"\"\"\t\"It \"\"rains\"\", again\"\n", 3)]
    [InlineData("a.csv", "source,target\n\"\"\"Go\"\" \",Va\n\"It \"\"rains\"\", again\",\"\"\"Il pleut\"\"\"\n", 3)]
    [InlineData(
        "a.jsonl",
        "{\"source\": \"\\\"Go\\\" \", \"target\": \"Va\"}\n{\"target\": \"\\\"Il pleut\\\"\", \"id\": 3, \"source\": \"It \\\"rains\\\", again\"}\n",
        2)]
    [InlineData(
        "a.json",
        "[{\"source\": \"\\\"Go\\\" \", \"target\": \"Va\"},\n{\"target\": \"\\\"Il pleut\\\"\", \"source\": \"It \\\"rains\\\", again\"}]\n",
        2)]
    public void EveryFormatGivesTheSamePairs(string name, string text, int lastLine)
    {
        var pairs = PairFile.Read(folder.Write(name, text));
        Assert.Equal(
            [("\"Go\" ", "Va"), ("It \"rains\", again", "\"Il pleut\"")], pairs.Select(static pair => (pair.Source, pair.Target)));
        Assert.Equal(lastLine, pairs[1].Line);
    }

    [Fact]
    public void QuotedTextsBetweenTabsKeepTheirQuotes() =>
        Assert.Equal(
            [new TextPair("\"Yes,\" he said", "\"Oui\", dit-il", 1), new("\"No\"", "\"Non\"", 2)],
            PairFile.Read(folder.Write("a.tsv", "\"Yes,\" he said\t\"Oui\", dit-il\n\"No\"\t\"Non\"\n")));

    [Theory]
    [InlineData("a.tsv", "a\tb\n\nalone\n", "line 3: there is one text and no tab: write a source, a tab and its target")]
    [InlineData("a.tsv", "a\tb\na\tb\tc\n", "line 2: there are 3 texts between tabs, but a pair has two")]
    [InlineData("a.tsv", "a\tb\na\t \n", "line 2: the target is empty: fill it in, or leave the line out.")]
    [InlineData("a.tsv", "\tb\n", "line 1: the source is empty")]
    [InlineData("a.tsv", "source\ttarget\nalone\n", "line 2: the target is empty")]
    [InlineData("a.tsv", "source\ttarget\n", "has no pairs")]
    [InlineData("a.tsv", "\n \n", "has no pairs")]
    [InlineData("a.csv", "english,french\na,b\n", "line 2: there is no column 'source', but english, french: name the columns 'source' and 'target'")]
    [InlineData("a.jsonl", "{\"source\": \"a\", \"target\": \"b\"}\n{\"source\":\n", "line 2 is not valid JSON")]
    [InlineData("a.jsonl", "{\"source\": \"a\", \"target\": \"\"}\n", "line 1: the target is empty")]
    [InlineData("a.jsonl", "{\"source\": \"a\"}\n", "line 1: there is no column 'target', but source")]
    [InlineData("a.jsonl", "{\"source\": \"a\", \"target\": [\"b\", \"c\"]}\n", "line 1: the target is a list of 2 texts: give one text.")]
    [InlineData("a.jsonl", "{\"source\": {\"en\": \"a\"}, \"target\": \"b\"}\n", "line 1: the source is an object: give one text.")]
    [InlineData("a.pairs", "a\tb\n", "The format of")]
    public void AWrongFileIsNamedWithItsLine(string name, string text, string message)
    {
        var path = folder.Write(name, text);
        var error = Assert.Throws<GptGenException>(() => PairFile.Read(path));
        Assert.Contains(message, error.Message);
        Assert.Contains(path, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("a.tsv")]
    [InlineData("a.jsonl")]
    public void AMillionPairsAreNoTrouble(string name)
    {
        const int Count = 1_000_000;
        var text = new StringBuilder();
        for (var i = 0; i < Count; i++)
            text.Append(name == "a.tsv" ? $"source {i}\ttarget {i}\n" : $"{{\"source\": \"source {i}\", \"target\": \"target {i}\"}}\n");
        var pairs = PairFile.Read(folder.Write(name, text.ToString()));
        Assert.Equal(Count, pairs.Count);
        Assert.Equal(new("source 999999", "target 999999", Count), pairs[^1]);
    }
}
