using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>A run that begins with given weights has defaults that keep what they know, on the same text and on another.</summary>
public sealed partial class GivenWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Trained => folder.File("trained");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void GoingOnWithoutOptionsRaisesNoLoss()
    {
        var text = folder.Write("text.txt", TinyRun.Text);
        CommandLine.Succeed("train", "--data", text, "--out", Trained, "--steps", "100", "--batch", "8", "--evaluate-every", "50", "--threads", "1");
        var before = Evaluate(Trained, TinyRun.Text);

        var output = CommandLine.Succeed("train", "--weights", Trained, "--data", text, "--out", folder.File("same"), "--threads", "1");
        Assert.Matches("chosen for given weights: .*--learning-rate 0.0001 --minimum-learning-rate 0.00001", output);
        Assert.Equal(before, Beginning(output), tolerance: 0.001);
        Assert.InRange(Evaluate(folder.File("same"), TinyRun.Text), 0, before);

        var other = Other();
        var foreign = Evaluate(Trained, other);
        output = CommandLine.Succeed(
            "train", "--weights", Trained, "--data", folder.Write("other.txt", other), "--out", folder.File("other"), "--length", "32",
            "--threads", "1");
        Assert.InRange(Beginning(output), 0.8 * foreign, 1.2 * foreign);
        Assert.InRange(Evaluate(folder.File("other"), other), 0, foreign - 0.05);
    }

    [Fact]
    public void WhatIsGivenCountsAndTheRestIsShown()
    {
        var text = folder.Write("text.txt", TinyRun.Text);
        CommandLine.Succeed(TinyRun.Arguments(text, Trained, steps: 2, saveEvery: 0));
        var output = CommandLine.Succeed(
            "train", "--weights", Trained, "--data", text, "--out", folder.File("run"), "--steps", "3", "--learning-rate", "1",
            "--evaluate-every", "0", "--batch", "3", "--length", "8", "--threads", "1");
        Assert.DoesNotContain("before the first step", output);
        var chosen = output.Split('\n').Single(static line => line.StartsWith("chosen", StringComparison.Ordinal));
        Assert.Equal(
            "chosen for given weights: --minimum-learning-rate 0.1 --warmup 0 --weight-decay 0.01 --dropout 0 --save-every 1 --patience 0 "
            + "--validation-tokens 65536", chosen);
        using var options = JsonDocument.Parse(Checkpoint(folder.File("run")));
        var training = options.RootElement.GetProperty("training");
        Assert.Equal((3, 3, 8), (Number("steps"), Number("batch"), Number("length")));
        Assert.Equal(1, training.GetProperty("learning_rate").GetDouble());

        int Number(string name) => training.GetProperty(name).GetInt32();
    }

    [Fact]
    public void WeightsBetterThanAllThatFollowedAreNamed()
    {
        var text = folder.Write("text.txt", TinyRun.Text);
        CommandLine.Succeed("train", "--data", text, "--out", Trained, "--steps", "60", "--batch", "8", "--length", "16", "--threads", "1");
        var output = CommandLine.Succeed(
            "train", "--weights", Trained, "--data", text, "--out", folder.File("run"), "--learning-rate", "3", "--steps", "40",
            "--evaluate-every", "2", "--length", "16", "--threads", "1");
        Assert.Contains("the validation loss has not fallen since step 0: ended after step 10", output);
        Assert.Contains($"best:       '{Trained}', with which the run began", output);
    }

    /// <summary>The model follows from the weights, and the folder is not theirs.</summary>
    [Fact]
    public void TheModelAndAFolderNeedNoNames()
    {
        var text = folder.Write("text.txt", TinyRun.Text);
        CommandLine.Succeed(TinyRun.Arguments(text, folder.File("runs/gpt1-nano"), 2, 0, "--model", "gpt1-nano"));
        var result = CommandLine.Shell(
            $"cd '{folder.Path}' && \"$@\"", "train", "--weights", "runs/gpt1-nano", "--data", "text.txt", "--steps", "2", "--threads", "1");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("gpt1-nano: ", result.Output);
        Assert.NotEmpty(Directory.GetFiles(folder.File("runs/gpt1-nano-continued"), "step-*.safetensors"));
    }

    private static string Other()
    {
        var text = new StringBuilder();
        for (var line = 0; line < 60; line++)
            text.Append(CultureInfo.InvariantCulture, $"[{line * 13 % 17}] no wheel without an axle, no axle {line * 5 % 7} without oil;\n");
        return text.ToString();
    }

    private static double Beginning(string output) =>
        double.Parse(BeginningLine().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Checkpoint(string run) =>
        GptGen.Checkpoints.ModelCheckpoint.ReadRunOptions(run) ?? throw new InvalidOperationException("No options.");

    /// <summary>The loss of what a run validates on, the last tenth.</summary>
    private double Evaluate(string weights, string text)
    {
        var heldOut = folder.Write("held-out.txt", text[(text.Length * 9 / 10)..]);
        using var report = JsonDocument.Parse(
            CommandLine.Succeed("evaluate", "--weights", weights, "--data", heldOut, "--stride", "64", "--json", "--threads", "1"));
        return report.RootElement.GetProperty("loss").GetDouble();
    }

    [GeneratedRegex(@"before the first step: validation (\d+\.\d+)")]
    private static partial Regex BeginningLine();
}
