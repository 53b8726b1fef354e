using GptGen.Finetuning;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Evaluations and fine-tuning by several processes give what one gives, to the last byte; what is the work of one says so.</summary>
public sealed class MpiTaskTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnEvaluationOfSeveralProcessesPrintsTheNumbersOfOneOnce()
    {
        Launcher.Require(Launcher.OpenMpi);
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 2, saveEvery: 0));
        string[] arguments =
        [
            "evaluate", "--weights", run, "--data", data, "--limit", "900", "--batch", "2", "--stride", "32", "--device", "cpu", "--threads", "1",
            "--json",
        ];
        var one = CommandLine.Succeed(arguments);
        Assert.Equal(one, Launcher.Succeed(Launcher.OpenMpi, 3, arguments));
        Assert.Contains("rank 1 has other options", Launcher.Error(Launcher.Run(
        [
            .. Launcher.Words(Launcher.OpenMpi, 1, [.. CommandLine.Program, .. arguments]),
            ":", "-n", "1", .. CommandLine.Program, .. arguments[..^1],
        ])));
    }

    [Fact]
    public void FineTuningBySeveralProcessesWritesTheFilesOfOne()
    {
        Launcher.Require(Launcher.Mpich);
        var data = folder.Write(
            "data.tsv",
            "text\tlabel\n" + string.Concat(Enumerable.Range(0, 30).Select(
                static index => $"{new string('a', 1 + (index % 7))} {(index % 3 == 0 ? "good" : "bad")}\t{(index % 3 == 0 ? "pos" : "neg")}\n")));
        string[] Arguments(string name, params string[] more) =>
        [
            "finetune", "--task", "classification", "--from-scratch", "--data", data, "--test", data, "--length", "24", "--batch", "8",
            "--epochs", "2", "--evaluations", "2", "--best-by", "loss", "--learning-rate", "1e-3", "--device", "cpu", "--threads", "1",
            "--out", folder.File(name), .. more,
        ];
        CommandLine.Succeed(Arguments("one", "--shares", "2"));
        var output = Launcher.Succeed(Launcher.Mpich, 2, Arguments("two"));
        Assert.Contains("2 processes, MPICH", output);
        Assert.Contains("2 shares", output);
        foreach (var name in (string[])["model.safetensors", "predictions.tsv", FinetunedTask.FileName])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("one"), name)), File.ReadAllBytes(Path.Combine(folder.File("two"), name)));
    }

    [Fact]
    public void WhatIsNotDividedIsRefused()
    {
        Launcher.Require(Launcher.OpenMpi);
        var compared = Launcher.Error(Launcher.Run(Launcher.OpenMpi, 2, "compare", "--quick", "--out", folder.File("compared")));
        Assert.Contains("'gptgen compare' is the work of one", compared);
        Assert.False(Directory.Exists(folder.File("compared")));
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        var words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "300", "--data", data, "--out", words);
        Assert.Contains(
            "which several processes do not divide: train it with one.",
            Launcher.Error(Launcher.Run(
                Launcher.OpenMpi, 2, "train", "--model", "txl-mini-4k", "--tokenizer", words, "--data", data, "--out", run, "--batch", "2",
                "--length", "8", "--accumulate", "2")));
        Assert.Contains(
            "which several processes do not divide: evaluate it with one.",
            Launcher.Error(Launcher.Run(
                Launcher.OpenMpi, 2, "evaluate", "--model", "txl-mini-4k", "--weights", folder.Path, "--data", data)));
    }
}
