using System.Globalization;
using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What a Transformer-XL does on the command line, from a vocabulary of a few hundred tokens and runs of moments.</summary>
public sealed class SegmentCommandTests : IDisposable
{
    private const int Steps = 24;

    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string words;

    public SegmentCommandTests()
    {
        data = folder.Write("text.txt", TinyRun.Text);
        words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "300", "--data", data, "--out", words);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TrainEvaluateAndConvert()
    {
        var run = folder.File("run");
        var output = CommandLine.Succeed(Arguments(run));
        Assert.Contains("with a memory of     0: ", output);
        Assert.Contains("with a memory of 1,024: ", output);
        var lines = File.ReadAllLines(Path.Combine(run, "log.jsonl"));
        Assert.Equal(Steps, lines.Length);
        Assert.True(Loss(lines[^1]) < Loss(lines[0]) - 0.5, $"The loss fell from {Loss(lines[0])} to {Loss(lines[^1])} only.");

        var (whole, without) = (Evaluate(run), Evaluate(run, "--memory", "0"));
        Assert.Equal(whole.Tokens, without.Tokens);
        Assert.NotEqual(whole.Loss, without.Loss);
        var zeros = Evaluate(run, "--zero-memory");
        Assert.Equal(whole.Tokens, zeros.Tokens);
        Assert.NotEqual(whole.Loss, zeros.Loss);
        Assert.Equal(without, Evaluate(run, "--memory", "0", "--zero-memory"));
        var alike = Evaluate(run, "--memory", "8", "--same-length");
        Assert.Equal(whole.Tokens, alike.Tokens);
        Assert.NotEqual(Evaluate(run, "--memory", "8").Loss, alike.Loss);
        Assert.Equal(without, Evaluate(run, "--memory", "0", "--same-length"));
        // Longer than segments of 128 tokens, with memories of several lengths, drawn and searched for.
        string Generate(params string[] more) =>
            CommandLine.Succeed(["generate", "--weights", run, "--prompt", "The 3th gear", "--tokens", "200", "--threads", "1", .. more]);
        var text = Generate();
        Assert.StartsWith("The 3th gear", text);
        Assert.Equal(text, Generate("--memory", "1024"));
        Assert.NotEqual(text, Generate("--memory", "2"));
        Assert.NotEqual(text, Generate("--zero-memory"));
        Assert.Contains("--- sample 2", Generate("--samples", "2"));
        var found = CommandLine.Succeed("generate", "--weights", run, "--prompt", "The 3th gear", "--tokens", "20", "--beams", "3");
        Assert.StartsWith("The 3th gear", found);
        CommandLine.Succeed("convert", "--weights", run, "--out", folder.File("folder"));
        Assert.Equal(whole, Evaluate(folder.File("folder")));
    }

    [Fact]
    public void AKilledRunResumesToTheBytesOfAnUninterruptedOne()
    {
        CommandLine.Succeed(Arguments(folder.File("whole"), "--memory", "40", "--dropout", "0.1"));
        CommandLine.KillOnce(
            Path.Combine(folder.File("killed"), "step-000008.safetensors"), Arguments(folder.File("killed"), "--memory", "40", "--dropout", "0.1"));
        CommandLine.Succeed("train", "--out", folder.File("killed"), "--resume");
        foreach (var name in (ReadOnlySpan<string>)[$"step-{Steps:D6}.safetensors", "loss.svg"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("whole"), name)), File.ReadAllBytes(Path.Combine(folder.File("killed"), name)));
    }

    [Fact]
    public void WhatBelongsToAnotherKindOfModelIsRefused()
    {
        Assert.Contains("--memory belongs to Transformer-XL", CommandLine.Fail("train", "--memory", "5", "--data", data, "--out", folder.File("a")));
        CommandLine.Succeed(TinyRun.Arguments(data, folder.File("gpt"), steps: 2, saveEvery: 2));
        Assert.Contains(
            "--zero-memory belongs to Transformer-XL",
            CommandLine.Fail("evaluate", "--zero-memory", "--data", data, "--weights", folder.File("gpt")));
        Assert.Contains(
            "--same-length belongs to Transformer-XL",
            CommandLine.Fail("evaluate", "--same-length", "--data", data, "--weights", folder.File("gpt")));
        Assert.Contains(
            "--reversed-clusters belongs to Transformer-XL",
            CommandLine.Fail("convert", "--reversed-clusters", "--weights", folder.File("gpt"), "--out", folder.File("turned")));
        Assert.False(Directory.Exists(folder.File("turned")));
        Assert.Contains("between 0 and 1024", CommandLine.Fail(Arguments(folder.File("b"), "--memory", "1025")));
        Assert.Contains("--sample-every belongs to GPT", CommandLine.Fail(Arguments(folder.File("c"), "--sample-every", "3")));
        Assert.Contains("--masking belongs to BERT", CommandLine.Fail(Arguments(folder.File("d"), "--masking", "0.2")));
        Assert.Contains("learns from running text", CommandLine.Fail(
            "train", "--model", "txl-mini-4k", "--tokenizer", words, "--pairs", folder.Write("pairs.tsv", "a\tb\n"), "--out", folder.File("e")));

        var run = folder.File("run");
        CommandLine.Succeed(Arguments(run, "--steps", "2"));
        Assert.Contains("which this command does not know", CommandLine.Fail("features", "--weights", run, "--prompt", "a"));
        Assert.Contains("between 0 and 1024", CommandLine.Fail("generate", "--weights", run, "--memory", "1025"));
        Assert.Contains("--memory belongs to", CommandLine.Fail("generate", "--weights", folder.File("gpt"), "--memory", "5"));
        Assert.Contains("--stride belongs to GPT", CommandLine.Fail("evaluate", "--weights", run, "--data", data, "--stride", "3"));
        Assert.Contains(
            "--task lambada is for GPT models", CommandLine.Fail("evaluate", "--weights", run, "--data", data, "--task", "lambada"));
    }

    private static double Loss(string line)
    {
        using var step = JsonDocument.Parse(line);
        return step.RootElement.GetProperty("loss").GetDouble();
    }

    private (long Tokens, double Loss) Evaluate(string weights, params string[] more)
    {
        using var report = JsonDocument.Parse(CommandLine.Succeed(
            ["evaluate", "--weights", weights, "--tokenizer", words, "--data", data, "--batch", "2", "--json", .. more]));
        return (report.RootElement.GetProperty("tokens").GetInt64(), report.RootElement.GetProperty("loss").GetDouble());
    }

    private string[] Arguments(string run, params string[] more) =>
    [
        "train", "--model", "txl-mini-4k", "--tokenizer", words, "--data", data, "--out", run,
        .. more.Contains("--steps") ? Array.Empty<string>() : ["--steps", Steps.ToString(CultureInfo.InvariantCulture)], "--batch", "2", "--length",
        "16", "--warmup", "1", "--evaluate-every", "12", "--save-every", "8", "--threads", "1", .. more,
    ];
}
