using System.Diagnostics;
using System.Text.Json;
using GptGen.Finetuning;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>A classifier of two labels, learned in moments.</summary>
public sealed class TinyClassifierRun : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TinyClassifierRun()
    {
        var data = folder.Write(
            "data.tsv",
            "text\tlabel\n"
            + string.Concat(Enumerable.Range(0, 24).Select(static i => $"a{i} {(i % 2 == 0 ? "good" : "bad")}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        CommandLine.Succeed(
            "finetune", "--task", "classification", "--from-scratch", "--data", data, "--epochs", "1", "--length", "16", "--out", Model);
    }

    public string Model => folder.File("model");

    public void Dispose() => folder.Dispose();
}

/// <summary>Tables as spreadsheets, pandas and writers of JSON make them, through the command line.</summary>
public sealed class TableTests(TinyClassifierRun run) : IClassFixture<TinyClassifierRun>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("p.csv", "text,label\ngood day,\nbad day,\n", null)]
    [InlineData("p.csv", "text,label\ngood day,-1\nbad day,-1\n", "2 of 2 examples have no label that training had, such as '-1'")]
    [InlineData(
        "p.jsonl", "{\"text\":\"good day\",\"label\":null}\n{\"text\":\"bad day\",\"label\":-1}\n",
        "2 of 2 examples have no label that training had, such as '-1'")]
    [InlineData("p.csv", "text,label\ngood day,pos\nbad day,\n", "1 of 2 examples have no label that training had: nothing is measured")]
    [InlineData("p.csv", "text,label\rgood day,pos\rbad day,neg", null)]
    [InlineData("p.json", "[{\"text\":\"good day\",\"label\":\"pos\"},{\"text\":\"bad day\",\"label\":\"neg\"}]\n", null)]
    [InlineData("p.json", "[\n{\"text\":\"good day\",\"label\":\"pos\"},\n{\"text\":\"bad day\",\"label\":\"neg\"}\n]\n", null)]
    [InlineData("p.csv", "text;label\ngood day;pos\nbad day;neg\n", "is separated by ';', not by ','")]
    public void WhatIsMeantIsPredicted(string name, string content, string? note)
    {
        var data = folder.Write(name, content);
        var expected = CommandLine.Succeed("predict", "--weights", run.Model, "--data", folder.Write("plain.tsv", "text\ngood day\nbad day\n"));
        var result = CommandLine.Run("predict", "--weights", run.Model, "--data", data);
        Assert.Equal(expected, result.Output);
        Assert.Equal(note is null ? 0 : 1, result.Error.Split('\n').Length - 1);
        Assert.StartsWith(note is null ? "" : "note: ", result.Error);
        Assert.Contains(note ?? "", result.Error);
    }

    [Fact]
    public void AskedForLabelsMustBeThereAndKnown()
    {
        Assert.Contains(
            "the label in column 'label' is empty",
            CommandLine.Fail("predict", "--weights", run.Model, "--label", "label", "--data", folder.Write("p1.csv", "text,label\ngood day,\n")));
        Assert.Contains(
            "the label '-1' is not one of those",
            CommandLine.Fail("predict", "--weights", run.Model, "--label", "label", "--data", folder.Write("p2.csv", "text,label\ngood day,-1\n")));
    }

    [Fact]
    public void TestsWithoutLabelsArePredictedAndNotMeasured()
    {
        var data = folder.Write("data.csv", "text,label\n" + string.Concat(Enumerable.Range(0, 20).Select(static i => $"x{i},{i % 2}\n")));
        var test = folder.Write("t1.csv", "text,label\nx y,-1\n");
        var model = folder.File("model");
        var result = CommandLine.Run(
            "finetune", "--task", "classification", "--from-scratch", "--data", data, "--test", test, "--epochs", "1", "--length", "16", "--out",
            model);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("t1.csv': 1 examples", result.Output);
        Assert.Contains("note: 1 of 1 examples have no label that training had, such as '-1'", result.Error);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(model, "predictions.tsv")).Length);
        // The file of training had whole numbers; pandas writes them so beside a missing one.
        Assert.Contains(
            "': 2 examples",
            CommandLine.Succeed(
                "predict", "--weights", model, "--data", folder.Write("float.csv", "text,label\nx1,1.0\nx2,0.0\n"), "--out", folder.File("p.csv")));
    }

    [Theory]
    [InlineData("animal 0,dog,cat,cat\nanimal 1,cat,dog,dog\nanimal 2,cat,dog,cat\n", "(cat, dog)")]
    [InlineData("q 0,yes,no,5\nq 1,yes,no,9\nq 2,yes,no,5\n", "(5, 9)")]
    public void LabelsThatDoNotNumberTheChoicesAreRefused(string rows, string labels)
    {
        var data = folder.Write("ch.csv", "context,choice1,choice2,label\n" + rows);
        var message = CommandLine.Fail("finetune", "--task", "choice", "--from-scratch", "--data", data, "--out", folder.File("model"));
        Assert.Contains($"their labels have 2 different values {labels}: a label must be the number of the right choice", message);
        Assert.False(Directory.Exists(folder.File("model")));
    }

    [Fact]
    public void PredictionsAreWrittenAsTheNameOfTheirFileSays()
    {
        var data = folder.Write("p33.csv", "text\ngood\nbad\n");
        string Predict(string name, params string[] more)
        {
            CommandLine.Succeed(["predict", "--weights", run.Model, "--data", data, "--out", folder.File(name), .. more]);
            return File.ReadAllText(folder.File(name));
        }

        var table = Predict("pr.tsv");
        Assert.StartsWith("example\tprediction\tp(neg)\tp(pos)\n1\t", table);
        Assert.Equal(table.Replace('\t', ','), Predict("pr.csv"));
        var lines = Predict("pr.jsonl");
        Assert.Equal(2, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line)).Count());
        using var array = JsonDocument.Parse(Predict("pr.json", "--json"));
        Assert.Equal(
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries), array.RootElement.EnumerateArray().Select(
                static element => element.GetRawText()));

        string[] arguments = ["predict", "--weights", run.Model, "--data", data, "--out"];
        Assert.Contains("--json asks for JSON and", CommandLine.Fail([.. arguments, folder.File("pr2.tsv"), "--json"]));
        Assert.Contains("--json asks for JSON and", CommandLine.Fail([.. arguments, folder.File("pr2.csv"), "--json"]));
        Assert.Contains("name --out .tsv, .csv, .jsonl or .json", CommandLine.Fail([.. arguments, folder.File("pr2.xlsx")]));
        Assert.Contains("name --out .tsv, .csv, .jsonl or .json", CommandLine.Fail([.. arguments, folder.File("pr2")]));
        Assert.False(File.Exists(folder.File("pr2.tsv")));
    }

    [Fact]
    public void AnInputIsNotOverwritten()
    {
        var data = folder.Write("data.csv", "text,label\na,pos\nb,neg\n");
        File.CreateSymbolicLink(folder.File("link.csv"), data);
        foreach (var output in (string[])[data, folder.File("link.csv"), Path.Combine(folder.Path, ".", "data.csv")])
            Assert.Contains("would be overwritten", CommandLine.Fail("predict", "--weights", run.Model, "--data", data, "--out", output));
        Assert.Contains(
            "would be overwritten",
            CommandLine.Fail("predict", "--weights", run.Model, "--data", data, "--out", Path.Combine(run.Model, "task.json")));
        Assert.Equal("text,label\na,pos\nb,neg\n", File.ReadAllText(data));

        var test = folder.Write("model/predictions.tsv", "text\tlabel\na\tpos\nb\tneg\n");
        Assert.Contains(
            "would be overwritten",
            CommandLine.Fail(
                "finetune", "--task", "classification", "--from-scratch", "--data", data, "--test", test, "--out", folder.File("model")));
        Assert.Equal([test], Directory.GetFileSystemEntries(folder.File("model")));
    }

    [Fact]
    public void ExamplesComeThroughAPipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no /dev/stdin.");
        var program = $"'{string.Join("' '", CommandLine.Program)}'";
        string Run(string input, string arguments)
        {
            var start = new ProcessStartInfo("bash", ["-c", $"printf '{input}' | {program} {arguments}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            Assert.Equal("", process.StandardError.ReadToEnd());
            return output;
        }

        var expected = CommandLine.Succeed("predict", "--weights", run.Model, "--data", folder.Write("plain.csv", "text\ngood day\nbad day\n"));
        Assert.Equal(expected, Run("text\\ngood day\\nbad day\\n", $"predict --weights {run.Model} --data /dev/stdin"));
        Assert.Equal(expected, Run("[{\"text\":\"good day\"},{\"text\":\"bad day\"}]", $"predict --weights {run.Model} --data /dev/stdin"));
        // The number of choices follows from the same bytes as the examples.
        var rows = string.Concat(Enumerable.Range(0, 10).Select(static i => $"c\\ta\\tb\\t{i % 2}\\n"));
        Assert.Contains(
            "2 labels",
            Run(
                $"context\\tchoice1\\tchoice2\\tlabel\\n{rows}",
                $"finetune --task choice --from-scratch --epochs 1 --length 16 --data /dev/stdin --out {folder.File("choice")}"));
    }

    [Theory]
    [InlineData("--epochs is 2147483647, but must be at most", "--epochs", "2147483647")]
    [InlineData("--epochs is 0", "--epochs", "0")]
    [InlineData("--clip is 'Infinity', but must be a finite number", "--clip", "Infinity")]
    [InlineData("--clip is 'NaN'", "--clip", "NaN")]
    [InlineData("--weight-decay is 1E+308, but must be at least 0 and a 32-bit number", "--weight-decay", "1e308")]
    [InlineData("--weight-decay is '1e999'", "--weight-decay", "1e999")]
    [InlineData("--learning-rate is 1E+308", "--learning-rate", "1e308")]
    [InlineData("--lm-weight is 'Infinity'", "--lm-weight", "Infinity")]
    [InlineData("--warmup is 'NaN'", "--warmup", "NaN")]
    [InlineData("--dropout is 1,", "--dropout", "1")]
    [InlineData("--validation-share is 'NaN'", "--validation-share", "NaN")]
    public void AnOptionOutOfRangeIsNamed(string message, params string[] option)
    {
        var data = folder.Write("data.csv", "text,label\n" + string.Concat(Enumerable.Range(0, 40).Select(static i => $"a{i},{i % 2}\n")));
        Assert.Contains(
            message, CommandLine.Fail(
                [
                    "finetune", "--task", "classification", "--from-scratch", "--length", "16", "--batch", "8", "--data", data, "--out",
                    folder.File("model"), .. option]));
        Assert.False(Directory.Exists(folder.File("model")));
    }

    [Theory]
    [InlineData("\"length\": 16", "\"length\": 2147483647", "task.json does not fit gpt1-mini with a head")]
    [InlineData("\"length\": 16", "\"length\": 0", "is damaged at \"length\"")]
    [InlineData("\"tokenizer\": \"bytes\"", "\"tokenizer\": \"../../etc\"", "is damaged at \"tokenizer\"")]
    [InlineData("\"task\": \"Classification\"", "\"task\": \"Similarity\"", "task.json does not fit gpt1-mini with a head")]
    [InlineData("\"model\": \"Gpt1MiniClassification\"", "\"model\": \"Gpt9\"", "This program has no model 'Gpt9'")]
    public void ATaskFileThatIsAbsurdIsRefusedInOneLine(string member, string with, string message)
    {
        var model = folder.File("model");
        Directory.CreateDirectory(model);
        foreach (var file in Directory.EnumerateFiles(run.Model))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        var task = Path.Combine(model, FinetunedTask.FileName);
        var text = File.ReadAllText(task);
        Assert.Contains(member, text);
        File.WriteAllText(task, text.Replace(member, with, StringComparison.Ordinal));
        Assert.Contains(message, CommandLine.Fail("predict", "--weights", model, "--text", "a"));
    }
}
