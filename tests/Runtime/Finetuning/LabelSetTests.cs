using GptGen.Finetuning;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

public sealed class LabelSetTests
{
    [Theory]
    [InlineData("0 1", "1.0", 1)]
    [InlineData("0.0 1.0", "1", 1)]
    [InlineData("0.0 1.0", "01", 1)]
    [InlineData("0 1", "True", 1)]
    [InlineData("0 1", "FALSE", 0)]
    [InlineData("false true", "True", 1)]
    [InlineData("False True", "1", 1)]
    [InlineData("False True", "0.0", 0)]
    [InlineData("-1 0 1", "-1.0", 0)]
    [InlineData("neg pos", "pos", 1)]
    [InlineData("no yes true", "true", 1)]
    [InlineData("1 1.0", "1.0", 1)]
    public void ALabelIsFoundHoweverItIsWritten(string names, string label, int index)
    {
        var given = new LabelSet(names.Split(' '));
        Assert.Equal(names == "no yes true" ? 2 : index, given.IndexOf(new(["x"], label)));
    }

    [Theory]
    [InlineData("0 1", "2")]
    [InlineData("0 1 2", "true")]
    [InlineData("neg pos", "Pos")]
    [InlineData("neg pos", "1")]
    [InlineData("9007199254740993 9007199254740992", "9007199254740994")]
    [InlineData("1 1.0", "01")]
    public void AnUnknownLabelIsRefused(string names, string label) =>
        Assert.Contains(
            $"'{label}' is not one of those",
            Assert.Throws<GptGenException>(() => new LabelSet(names.Split(' ')).IndexOf(new(["x"], label))).Message);

    [Fact]
    public void WaysOfWritingOneLabelAreOneAndItIsSaid()
    {
        var notes = new List<string>();
        Assert.Equal(["0", "1"], LabelSet.Of(Examples("1.0", "0", "1", "0.0"), notes.Add).Names);
        Assert.Equal(
            ["False", "True"], LabelSet.Of(Examples("True", "False", "true"), notes.Add).Names.Select(
                static name => char.ToUpperInvariant(name[0]) + name[1..]));
        Assert.Equal(3, notes.Count);
        Assert.Contains("'0' and '0.0' are taken as one, '0'", notes[0]);
        Assert.Equal(["Pos", "neg", "pos"], LabelSet.Of(Examples("pos", "Pos", "neg"), notes.Add).Names);
        Assert.Contains("'Pos' and 'pos' differ in case, spaces or dashes only", notes[^1]);
        Assert.Equal(["nan", "neg", "pos"], LabelSet.Of(Examples("pos", "nan", "neg"), notes.Add).Names);
        Assert.Contains("the label 'nan' is learned as a class", notes[^1]);
        Assert.Equal(["not good", "not-good", "x"], LabelSet.Of(Examples("not-good", "not good", "x"), notes.Add).Names);
        Assert.Equal(["+", "-"], LabelSet.Of(Examples("+", "-"), notes.Add).Names);
        Assert.Equal(["-1", "1"], LabelSet.Of(Examples("1", "-1"), notes.Add).Names);
        Assert.Equal(6, notes.Count);
    }

    [Theory]
    [InlineData(2, "0", "1")]
    [InlineData(2, "1", "2")]
    [InlineData(2, "1.0", "0.0")]
    [InlineData(4, "A", "B", "D", "C")]
    [InlineData(2, "b", "a")]
    public void ChoicesAreNumberedOrLettered(int choices, params string[] labels) =>
        Assert.Equal(labels.Order(StringComparer.Ordinal), LabelSet.OfChoices(Examples(labels), choices).Names);

    [Theory]
    [InlineData(2, "cat", "dog")]
    [InlineData(2, "5", "9")]
    [InlineData(2, "0", "2")]
    [InlineData(2, "A", "b")]
    [InlineData(2, "True", "False")]
    [InlineData(2, "-1", "0")]
    [InlineData(4, "0", "1", "2")]
    [InlineData(2, "0", "1", "2")]
    public void LabelsThatNumberNoChoicesAreRefused(int choices, params string[] labels) =>
        Assert.Contains(
            "must be the number of the right choice", Assert.Throws<GptGenException>(() => LabelSet.OfChoices(Examples(labels), choices)).Message);

    [Theory]
    [InlineData("'None'", "yes", "no", "None")]
    [InlineData("'n/a' and 'nan'", "yes", "n/a", "nan")]
    [InlineData("'-1'", "0", "1", "2", "-1")]
    [InlineData(null, "1", "-1")]
    [InlineData(null, "yes", "none of both")]
    public void ALabelThatMayMeanThatNoneIsKnownIsSaid(string? label, params string[] labels)
    {
        var notes = new List<string>();
        Assert.Equal(labels.Length, LabelSet.Of(Examples(labels), notes.Add).Outputs);
        Assert.Equal(label is null ? [] : [$"the label {label} is learned as a class: leave its lines out if it means that none is known"], notes);
    }

    [Theory]
    [InlineData(true, "1", "2")]
    [InlineData(false, "1", "3")]
    public void LabelsThatMayBeTextsOfTheChoicesAreSaidToBeNumbers(bool isSaid, params string[] choices)
    {
        var notes = new List<string>();
        LabelSet.OfChoices([new(["c", .. choices], "1"), new(["c", .. choices], "2")], 2, notes.Add);
        Assert.Equal(isSaid, notes.Exists(static note => note.Contains("not as its text")));
    }

    [Fact]
    public void LabelsThatTrainingHadNotArePassedOver()
    {
        var notes = new List<string>();
        TaskTargets labels = new LabelSet(["neg", "pos"]);
        Assert.All(labels.PassOverUnknown(Examples("-1", "-1"), notes.Add), static example => Assert.Null(example.Label));
        Assert.Contains("2 of 2 examples have no label that training had, such as '-1'", notes[^1]);
        Assert.Equal(["pos", null], labels.PassOverUnknown(Examples("pos", "?"), notes.Add).Select(static example => example.Label));
        Assert.Equal(2, notes.Count);
        Assert.Equal(["pos", "neg"], labels.PassOverUnknown(Examples("pos", "neg"), notes.Add).Select(static example => example.Label));
        Assert.All(labels.PassOverUnknown([new(["x"], null)], notes.Add), static example => Assert.Null(example.Label));
        Assert.Equal(2, notes.Count);

        TaskTargets grades = new GradeScale(2, 1);
        Assert.All(grades.PassOverUnknown(Examples("-1", "-1.0"), notes.Add), static example => Assert.Null(example.Label));
        Assert.Equal(["3.5", null], grades.PassOverUnknown(Examples("3.5", "high"), notes.Add).Select(static example => example.Label));
        Assert.Equal(["-1", "3"], grades.PassOverUnknown(Examples("-1", "3"), notes.Add).Select(static example => example.Label));
    }

    private static TaskExample[] Examples(params string[] labels) => [.. labels.Select(static label => new TaskExample(["x"], label))];
}
