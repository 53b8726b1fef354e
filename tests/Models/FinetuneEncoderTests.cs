using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Fine-tuning and prediction with BERT bodies, as a user sees them.</summary>
public sealed class FinetuneEncoderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string words;

    public FinetuneEncoderTests()
    {
        var text = folder.Write("text.txt", TinyRun.Text);
        words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--kind", "wordpiece", "--vocabulary", "300", "--data", text, "--out", words);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// A run's folder and Hugging Face's are one beginning; the result carries its vocabulary and is a folder of Hugging Face's again.
    /// </summary>
    [Fact]
    public void ARunAndItsHuggingFaceFolderAreFinetunedAlike()
    {
        var (run, converted) = (folder.File("run"), folder.File("converted"));
        CommandLine.Succeed(TinyRun.Arguments(folder.File("text.txt"), run, 2, 2, "--model", "bert-mini-4k", "--tokenizer", words));
        CommandLine.Succeed("convert", "--weights", run, "--out", converted);
        var data = folder.Write(
            "data.tsv",
            "premise\thypothesis\tlabel\n"
            + string.Concat(
                Enumerable.Range(0, 24).Select(
                    static i => $"the wheel turns {i}\tit {(i % 2 == 0 ? "turns" : "stops")}\t{(i % 2 == 0 ? "yes" : "no")}\n")));
        string[] arguments = [
            "finetune", "--task", "entailment", "--data", data, "--test", data, "--epochs", "1", "--length", "32", "--batch", "8", "--weights"];
        var (ofRun, ofFolder, again) = (folder.File("of-run"), folder.File("of-folder"), folder.File("again"));
        Assert.Contains("bert-mini-4k with a head for entailment", CommandLine.Succeed([.. arguments, run, "--out", ofRun]));
        CommandLine.Succeed([.. arguments, converted, "--out", ofFolder]);
        var predictions = File.ReadAllText(Path.Combine(ofRun, "predictions.tsv"));
        Assert.Equal(predictions, File.ReadAllText(Path.Combine(ofFolder, "predictions.tsv")));

        using (var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(ofRun, "config.json"))))
        {
            Assert.Equal("BertForSequenceClassification", config.RootElement.GetProperty("architectures")[0].GetString());
            Assert.Equal(3, config.RootElement.GetProperty("num_labels").GetInt32());
        }

        var moved = folder.File("moved");
        Directory.Move(ofRun, moved);
        Directory.Delete(words, recursive: true);
        Assert.Equal(predictions, CommandLine.Succeed("predict", "--weights", moved, "--data", data));

        // A fine-tuned folder is a body too; its own head stays behind.
        Assert.Contains(
            "a head that bert-mini-4k with a head for entailment does not have", CommandLine.Run([.. arguments, moved, "--out", again]).Error);
    }

    [Fact]
    public void GradesAndChoicesAreLearned()
    {
        var grades = folder.Write(
            "grades.csv",
            "first,second,label\n"
            + string.Concat(Enumerable.Range(0, 30).Select(static i => $"the {new string('a', 1 + (i % 5))},a wheel,{0.5 * (i % 5)}\n")));
        string[] scratch = ["--from-scratch", "--model", "bert-mini-4k", "--tokenizer", words, "--epochs", "1", "--length", "24", "--batch", "8"];
        var graded = folder.File("graded");
        Assert.Contains(
            "grades of mean 1",
            CommandLine.Succeed(["finetune", "--task", "similarity", "--graded", "--data", grades, "--out", graded, .. scratch]));
        Assert.StartsWith("example\tprediction\n1\t", CommandLine.Succeed("predict", "--weights", graded, "--text", "the a", "a wheel"));
        var choices = folder.Write(
            "choices.tsv",
            "context\tchoice1\tchoice2\tlabel\n"
            + string.Concat(Enumerable.Range(0, 30).Select(static i => $"the wheel {i}\tturns\tstops\t{i % 2}\n")));
        var chooser = folder.File("chooser");
        CommandLine.Succeed(["finetune", "--task", "choice", "--data", choices, "--out", chooser, .. scratch]);
        Assert.Contains("\"BertForMultipleChoice\"", File.ReadAllText(Path.Combine(chooser, "config.json")));
        Assert.StartsWith("example\tprediction\tp(0)\tp(1)\n1\t", CommandLine.Succeed("predict", "--weights", chooser, "--text", "a", "b", "c"));
    }

    [Fact]
    public void WordsAreTagged()
    {
        var text = string.Concat(Enumerable.Range(0, 30).Select(static i => $"the\tO\n{i}th\tB-N\n{(i % 2 == 0 ? "gear" : "wheel")}\tI-N\n\n"));
        var data = folder.Write("data.tsv", text);
        var model = folder.File("tagger");
        var output = CommandLine.Succeed(
            "finetune", "--task", "tagging", "--from-scratch", "--model", "bert-mini-4k", "--tokenizer", words, "--data", data, "--test", data,
            "--epochs", "6", "--length", "24", "--batch", "4", "--learning-rate", "1e-3", "--out", model);
        Assert.Contains("27 examples to train on, 3 to validate on, 3 tags", output);
        Assert.Matches(@"'.*data.tsv': 30 examples\nloss \d\.\d{3}  accuracy 100.0 %  precision 100.0  recall 100.0  F1 100.0\n", output);
        Assert.Equal(text, File.ReadAllText(Path.Combine(model, "predictions.tsv")));
        Assert.Contains("\"BertForTokenClassification\"", File.ReadAllText(Path.Combine(model, "config.json")));
        Assert.Equal("the\tO\n4th\tB-N\ngear\tI-N\n\n", CommandLine.Succeed("predict", "--weights", model, "--text", "the 4th gear"));
        Assert.Equal(
            "{\"example\":1,\"words\":[\"the\",\"4th\",\"gear\"],\"tags\":[\"O\",\"B-N\",\"I-N\"]}\n",
            CommandLine.Succeed("predict", "--weights", model, "--text", "the 4th gear", "--json"));
        Assert.Contains(
            "has no head for this task",
            CommandLine.Fail("finetune", "--task", "tagging", "--from-scratch", "--data", data, "--out", folder.File("x")));
    }

    [Fact]
    public void QuestionsAreAnswered()
    {
        static string Context(int i) => $"The {i}th gear turns the {(i * 7) % 11}th wheel.";
        static string Object(int i) =>
            $"{{\"id\": \"q{i}\", \"context\": \"{Context(i)}\", \"question\": \"Which gear?\", "
            + $"\"answers\": [{{\"text\": \"{i}th\", \"answer_start\": 4}}]}}\n";
        var data = folder.Write("data.jsonl", string.Concat(Enumerable.Range(0, 40).Select(Object)));
        var model = folder.File("reader");
        var output = CommandLine.Succeed(
            "finetune", "--task", "answering", "--from-scratch", "--model", "bert-mini-4k", "--tokenizer", words, "--data", data, "--test", data,
            "--epochs", "8", "--length", "40", "--batch", "4", "--learning-rate", "1e-3", "--out", model);
        Assert.Contains("36 examples to train on, 4 to validate on, answers", output);
        Assert.Matches(@"'.*data.jsonl': 40 examples\nloss \d\.\d{3}  exact 100.0 %  F1 100.0\n", output);
        Assert.Equal(
            "example\tprediction\n" + string.Concat(Enumerable.Range(0, 40).Select(static i => $"q{i}\t{i}th\n")),
            File.ReadAllText(Path.Combine(model, "predictions.tsv")));
        Assert.Contains("\"BertForQuestionAnswering\"", File.ReadAllText(Path.Combine(model, "config.json")));
        Assert.Equal("example\tprediction\n1\t5th\n", CommandLine.Succeed("predict", "--weights", model, "--text", "Which gear?", Context(5)));
        var target = folder.File("answers.json");
        CommandLine.Succeed("predict", "--weights", model, "--data", data, "--out", target);
        using var answers = JsonDocument.Parse(File.ReadAllText(target));
        Assert.Equal("7th", answers.RootElement.GetProperty("q7").GetString());
        Assert.Contains("a question has two", CommandLine.Fail("predict", "--weights", model, "--text", "Which gear?"));
    }

    [Fact]
    public void WhatAnEncoderCannotDoIsNamed()
    {
        var data = folder.Write("data.tsv", "text\tlabel\na\tx\nb\ty\nc\tx\nd\ty\n");
        string[] arguments = [
            "finetune", "--task", "classification", "--from-scratch", "--model", "bert-mini-4k", "--data", data, "--out", folder.File("x")];
        Assert.Contains("no tokenizer of its own", CommandLine.Fail(arguments));
        Assert.Contains("is no WordPiece vocabulary", CommandLine.Fail([.. arguments, "--tokenizer", "bytes"]));
        Assert.Contains(
            "with a head for classification predicts no tokens", CommandLine.Fail([.. arguments, "--tokenizer", words, "--lm-weight", "0.5"]));
        Assert.False(Directory.Exists(folder.File("x")));
    }
}
