using GptGen.Finetuning;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

public sealed class TaskFileTests : IDisposable
{
    private static readonly TaskColumns Pair = new(["premise", "hypothesis"]);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.tsv", "id\tpremise\thypothesis\tlabel\r\n1\tIt \"rains\", again\tWet\tyes\r\n\r\n2\tDry\tWet\tno\r\n")]
    [InlineData("a.csv", "\uFEFFpremise,label,hypothesis\n\"It \"\"rains\"\", again\",yes,Wet\n\nDry,no,Wet")]
    [InlineData(
        "a.jsonl",
        "{\"premise\": \"It \\\"rains\\\", again\", \"hypothesis\": \"Wet\", \"label\": \"yes\"}\n\n{\"label\": \"no\", \"premise\": \"Dry\", "
        + "\"hypothesis\": \"Wet\"}\n") ]
    public void EveryFormatGivesTheSameExamples(string name, string text)
    {
        var path = folder.Write(name, text);
        var examples = TaskFile.Read(path, Pair);
        Assert.Equal([["It \"rains\", again", "Wet"], ["Dry", "Wet"]], examples.Select(static example => example.Texts));
        Assert.Equal(["yes", "no"], examples.Select(static example => example.Label));
        Assert.Equal($"{path}, line {(name == "a.csv" || name == "a.tsv" ? 4 : 3)}", examples[1].Source);
    }

    [Fact]
    public void AQuotedFieldMayHoldLinesAndTheNextRowsLineIsStillRight()
    {
        var path = folder.Write("a.csv", "text,label\n\"one\ntwo\",1\nthree,0\n");
        var examples = TaskFile.Read(path, new(["text"]));
        Assert.Equal("one\ntwo", examples[0].Texts[0]);
        Assert.Equal($"{path}, line 4", examples[1].Source);
    }

    [Fact]
    public void AnArrayOfJsonGivesSeveralTextsAndANumberIsALabel()
    {
        var path = folder.Write("a.jsonl", "{\"context\": \"c\", \"endings\": [\"x\", \"y\"], \"label\": 1}");
        var example = Assert.Single(TaskFile.Read(path, new(["context", "endings"])));
        Assert.Equal(["c", "x", "y"], example.Texts);
        Assert.Equal("1", example.Label);
    }

    [Fact]
    public void LabelsMayBeMissingWhereTheyAreNotNeeded() =>
        Assert.Null(Assert.Single(TaskFile.Read(folder.Write("a.tsv", "text\nhello\n"), new(["text"]), needsLabels: false)).Label);

    [Theory]
    [InlineData(
        "a.tsv", "text\tlabel\nhello\tyes\n",
        "line 2: there is no column 'premise', but text, label: name the right one with TaskColumns.Texts")]
    [InlineData("a.tsv", "premise\thypothesis\na\tb\n", "line 2: there is no column 'label'")]
    [InlineData("a.tsv", "premise\thypothesis\tlabel\na\tb\tyes\na\t \tno\n", "line 3: text 2 of 2 is empty")]
    [InlineData("a.tsv", "premise\thypothesis\tlabel\na\tb\t\n", "line 2: the label in column 'label' is empty")]
    [InlineData("a.tsv", "premise\thypothesis\tlabel\na\tb\n", "line 2: there are 2 fields, but the first line names 3 columns")]
    [InlineData("a.tsv", "premise\tpremise\tlabel\n", "line 1: two columns are named 'premise'")]
    [InlineData("a.csv", "premise,hypothesis,label\na,\"b,yes\nc,d,no\n", "line 2: a quoted field has no closing quote")]
    [InlineData("a.csv", "premise,hypothesis,label\na,\"b\"c,yes\n", "line 2: text follows a closing quote")]
    [InlineData("a.jsonl", "{\"premise\": \"a\", \"hypothesis\": \"b\", \"label\": 1}\n{\"premise\":\n", "line 2 is not valid JSON")]
    [InlineData("a.jsonl", "[1]\n", "line 1 is not a JSON object")]
    [InlineData("a.tsv", "", "is empty")]
    [InlineData("a.tsv", "premise\thypothesis\tlabel\n", "has no examples")]
    [InlineData("a.xlsx", "PK", "The format of")]
    public void AWrongFileIsNamedWithItsLine(string name, string text, string message)
    {
        var path = folder.Write(name, text);
        var error = Assert.Throws<GptGenException>(() => TaskFile.Read(path, Pair));
        Assert.Contains(message, error.Message);
        Assert.Contains(path, error.Message);
    }

    [Theory]
    [InlineData("context,choice1,choice2,choice3,label", null)]
    [InlineData("context,choice1,choice2,choices,choice,choicex9,label", null)]
    [InlineData("context,choice0,choice1,choice2,label", "there is a column 'choice0', but they count from choice1 on")]
    [InlineData("context,choice1,choice2,choice4,label", "there is a column 'choice4', but they count from choice1 on")]
    [InlineData("context,choice1,label", "there are no columns 'choice1' and 'choice2', but context, choice1, label")]
    [InlineData("context,a,b,label", "there are no columns 'choice1' and 'choice2', but context, a, b, label")]
    public void NoNumberedColumnIsPassedOver(string names, string? fault)
    {
        var table = TaskTable.Read(folder.Write("a.csv", $"{names}\n{names}\n"));
        if (fault is null)
            Assert.Equal(
                names.Split(',').Count(static name => name.StartsWith("choice") && char.IsDigit(name[^1]) && name.Length == 7),
                table.CountColumns("choice"));
        else
            Assert.Contains(fault, Assert.Throws<GptGenException>(() => table.CountColumns("choice")).Message);
    }

    [Fact]
    public void AFileThatIsNoTextIsNamed() =>
        Assert.Contains(
            "not UTF-8 (at byte 5)", Assert.Throws<GptGenException>(() => TaskFile.Read(folder.Write("a.tsv", [.. "text\n"u8, 0xFF]), Pair)).Message);

    [Fact]
    public void LabelsAreOrderedByNumberOrByCharacters()
    {
        Assert.Equal(["2", "10"], Labels("10", "2", "10").Names);
        Assert.Equal([2.0, 10.0], Labels("10", "2").Values);
        Assert.Equal(["10", "a"], Labels("a", "10").Names);
        Assert.Contains("at least two labels", Assert.Throws<GptGenException>(() => Labels("a", "a")).Message);
    }

    [Fact]
    public void AnUnknownLabelIsNamedWithItsSource() =>
        Assert.Contains(
            "f.tsv, line 3: the label 'c' is not one of those in the training data (a, b)",
            Assert.Throws<GptGenException>(() => Labels("a", "b").IndexOf(new(["x"], "c", "f.tsv, line 3"))).Message);

    [Fact]
    public void ASplitTakesEachExampleOnce()
    {
        var examples = Enumerable.Range(0, 50).Select(static i => new TaskExample([$"{i}"], "a")).ToList();
        var (training, validation) = ExampleSplit.Of(examples, 0.2, 7);
        Assert.Equal(10, validation.Count);
        Assert.Equal(
            examples.Select(static example => example.Texts[0]).Order(),
            training.Concat(validation).Select(static example => example.Texts[0]).Order());
        Assert.NotEqual(validation, ExampleSplit.Of(examples, 0.2, 8).Validation);
    }

    private static LabelSet Labels(params string[] labels) => LabelSet.Of(labels.Select(static label => new TaskExample(["x"], label)));
}
