using System.Text.Json;
using GptGen.Models.Tests.Training;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Fine-tuning, prediction and what can be wrong with their files, as a user sees them.</summary>
public sealed class FinetuneTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AModelIsFinetunedAndPredicts()
    {
        var data = folder.Write(
            "data.tsv",
            "text\tlabel\n"
            + string.Concat(Enumerable.Range(0, 40).Select(static i => $"a{i} {(i % 2 == 0 ? "good" : "bad")}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        var model = folder.File("model");
        var output = CommandLine.Succeed(
            "finetune", "--task", "classification", "--from-scratch", "--data", data, "--test", data, "--epochs", "2", "--length", "16",
            "--learning-rate", "1e-3", "--out", model, "--tensorboard", folder.File("events"));
        var events = TensorBoardEvents.Read(Assert.Single(Directory.GetFiles(folder.File("events"))));
        Assert.Equal(events.Count - 2, events[^1].Step);
        Assert.All(events.Skip(2), static step => Assert.True(step.Values["loss/train"] >= step.Values["loss/task"]));
        Assert.InRange(events.Max(static step => step.Values.GetValueOrDefault("validation/accuracy")), 0.25f, 1);
        Assert.Contains("36 examples to train on, 4 to validate on, 2 labels", output);
        Assert.Contains("best on validation: 4 examples", output);
        Assert.Contains("label  precision  recall      F1  examples", output);
        var predictions = File.ReadAllLines(Path.Combine(model, "predictions.tsv"));
        Assert.Equal(41, predictions.Length);
        Assert.Equal("example\tprediction\tp(neg)\tp(pos)", predictions[0]);

        // The same examples in another format give the same predictions.
        var lines = folder.Write(
            "data.jsonl", string.Concat(Enumerable.Range(0, 40).Select(static i => $"{{\"words\": \"a{i} {(i % 2 == 0 ? "good" : "bad")}\"}}\n")));
        var target = folder.File("predictions.jsonl");
        CommandLine.Succeed("predict", "--weights", model, "--data", lines, "--texts", "words", "--out", target);
        var again = File.ReadAllLines(target).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("prediction").GetString());
        Assert.Equal(predictions.Skip(1).Select(static line => line.Split('\t')[1]), again);
        Assert.Equal(predictions[1], CommandLine.Succeed("predict", "--weights", model, "--text", "a0 good").Split('\n')[1]);
        Assert.Contains(
            "holds a fine-tuned model already",
            CommandLine.Fail("finetune", "--task", "classification", "--from-scratch", "--data", data, "--out", model));
    }

    [Fact]
    public void GradesAreLearnedAndPredictedOnTheirOwnScale()
    {
        var data = folder.Write(
            "data.csv",
            "first,second,score\n"
            + string.Concat(
                Enumerable.Range(0, 40).Select(static i => $"{new string('a', i % 5)}b,{new string('a', i % 3)}c,{10 + (0.25 * (i % 5))}\n")));
        var model = folder.File("model");
        string[] arguments = [
            "finetune", "--task", "similarity", "--from-scratch", "--data", data, "--label", "score", "--length", "16", "--out", model];
        Assert.Contains("give --graded to learn them as grades", CommandLine.Fail(arguments));
        Assert.False(Directory.Exists(model));
        var output = CommandLine.Succeed([.. arguments, "--graded", "--test", data, "--epochs", "2", "--batch", "8", "--learning-rate", "1e-3"]);
        Assert.Contains("36 examples to train on, 4 to validate on, grades of mean 10.5 and deviation 0.3536", output);
        Assert.Matches(@"'.*data.csv': 40 examples\nsquared error \d.\d{3}  Pearson ", output);
        var predictions = File.ReadAllLines(Path.Combine(model, "predictions.tsv"));
        Assert.Equal("example\tprediction", predictions[0]);
        Assert.All(
            predictions.Skip(1),
            static line => Assert.InRange(double.Parse(line.Split('\t')[1], System.Globalization.CultureInfo.InvariantCulture), 9, 12));
        var one = JsonDocument.Parse(
            CommandLine.Succeed("predict", "--weights", model, "--text", "b", "c", "--json")).RootElement.GetProperty("prediction").GetDouble();
        Assert.Equal(double.Parse(predictions[1].Split('\t')[1], System.Globalization.CultureInfo.InvariantCulture), one, 1e-3);
    }

    [Theory]
    [InlineData("classification", "text\tlabel\na\tx\n\ty\n", "line 3: text 1 of 1 is empty")]
    [InlineData("classification", "sentence\tlabel\na\tx\n", "there is no column 'text'")]
    [InlineData("entailment", "premise\thypothesis\tlabel\na\tb\t1\na\tb\t2\na\tb\t3\na\tb\t4\n", "There are 4 labels, but the model has 3")]
    [InlineData(
        "choice", "context\tchoice1\tchoice2\tchoice3\tlabel\na\tb\tc\td\t0\na\tb\tc\td\t1\na\tb\tc\td\t2\n",
        "There are 3 choices, but the models take 2 or 4")]
    [InlineData("choice", "context\tchoice1\tchoice2\tlabel\na\tb\tc\t0\na\tb\tc\t1\na\tb\tc\t7\n", "their labels have 3 different values (0, 1, 7)")]
    public void WrongDataIsNamedAndNothingIsWritten(string task, string text, string message)
    {
        var data = folder.Write("data.tsv", text);
        Assert.Contains(message, CommandLine.Fail("finetune", "--task", task, "--from-scratch", "--data", data, "--out", folder.File("model")));
        Assert.Equal([data], Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("'--task' is required", "finetune", "--data", "x.tsv")]
    [InlineData("give it with --task similarity only", "finetune", "--task", "entailment", "--graded", "--data", "x.tsv", "--from-scratch")]
    [InlineData("There is no run", "finetune", "--task", "entailment", "--data", "x.tsv", "--model", "gpt2-small")]
    [InlineData("give one of them", "finetune", "--task", "entailment", "--data", "x.tsv", "--from-scratch", "--weights", "w")]
    [InlineData("'x.tsv' does not exist", "finetune", "--task", "entailment", "--data", "x.tsv", "--from-scratch")]
    [InlineData("no folder of a fine-tuned model", "predict", "--weights", "nowhere", "--text", "a")]
    public void AWrongOptionIsNamed(string cause, params string[] arguments) => Assert.Contains(cause, CommandLine.Fail(arguments));
}
