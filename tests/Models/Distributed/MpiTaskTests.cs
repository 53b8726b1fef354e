using System.Text.Json;
using GptGen.Finetuning;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>
/// Evaluations, samples, fine-tuning and predictions by several processes are those of one, to the last byte where nothing is carried on in a text;
/// what is the work of one says so.
/// </summary>
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
    public void SamplesOfSeveralProcessesAreTheTextsOfOneInTheirOrder()
    {
        Launcher.Require(Launcher.OpenMpi, Launcher.Mpich);
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 2, saveEvery: 0));
        string[] arguments =
        [
            "generate", "--weights", run, "--prompt", "The ", "--tokens", "40", "--samples", "5", "--seed", "7", "--stop", "e", "--device", "cpu",
            "--threads", "1",
        ];
        var one = CommandLine.Succeed(arguments);
        Assert.Contains("--- sample 5", one);
        Assert.Equal(one, Launcher.Succeed(Launcher.OpenMpi, 3, arguments));
        Assert.Equal(one, Launcher.Succeed(Launcher.Mpich, 2, arguments));
        string[] single = [.. arguments.Select(static word => word == "5" ? "1" : word), "--json"];
        Assert.Equal(CommandLine.Succeed(single), Launcher.Succeed(Launcher.Mpich, 2, single));
        Assert.Contains("--beams searches for one text", Launcher.Error(Launcher.Run(
            Launcher.OpenMpi, 2, "generate", "--weights", run, "--beams", "2", "--device", "cpu")));
    }

    /// <summary>Streams are divided, so that products have other numbers of rows, which may round otherwise.</summary>
    [Theory]
    [InlineData("txl-mini-4k")]
    [InlineData("elmo-mini-4k")]
    public void AnEvaluationThatReadsOnFromSegmentToSegmentIsDividedByStreams(string model)
    {
        Launcher.Require(Launcher.Mpich);
        var (data, words, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("words"), folder.File("run"));
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "300", "--data", data, "--out", words);
        CommandLine.Succeed(
            "train", "--model", model, "--tokenizer", words, "--data", data, "--out", run, "--steps", "2", "--batch", "2", "--length", "8",
            "--warmup", "1", "--evaluate-every", "0", "--save-every", "0", "--device", "cpu", "--threads", "1");
        string[] arguments =
        [
            "evaluate", "--weights", run, "--data", data, "--limit", "700", "--batch", "5", "--device", "cpu", "--threads", "1", "--json",
        ];
        var one = Numbers(CommandLine.Succeed(arguments));
        var three = Numbers(Launcher.Succeed(Launcher.Mpich, 3, arguments));
        Assert.Equal(one.Keys, three.Keys);
        Assert.All(one, number => Assert.Equal(number.Value, three[number.Key], 1e-6 * number.Value));
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

        string[] predict =
            ["predict", "--weights", folder.File("one"), "--data", data, "--batch", "4", "--device", "cpu", "--threads", "1"];
        Assert.Equal(CommandLine.Succeed(predict), Launcher.Succeed(Launcher.Mpich, 2, predict));
    }

    private static Dictionary<string, double> Numbers(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().Where(static property => property.Value.ValueKind == JsonValueKind.Number)
            .ToDictionary(static property => property.Name, static property => property.Value.GetDouble());
    }
}
