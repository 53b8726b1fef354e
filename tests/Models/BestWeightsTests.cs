using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The weights of the lowest validation loss stay, and a run that finds no better ones ends where it is told to.</summary>
public sealed class BestWeightsTests : IDisposable
{
    /// <summary>Steps so wide that nothing is learned after the first ones.</summary>
    private static readonly string[] s_tooFast = ["--learning-rate", "3", "--schedule", "constant"];

    private readonly TemporaryFolder folder = new();

    private string Run => folder.File("run");

    private string Best => Path.Combine(Run, "best.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ARunEndsWhenItsPatienceDoesAndKeepsTheBestWeights()
    {
        var output = CommandLine.Succeed(Arguments(40, "--patience", "3", "--evaluate-every", "2"));
        var losses = Losses(Run);
        var best = losses.MinBy(static entry => entry.Loss);
        // The third evaluation after the best one was the last.
        Assert.Equal(best.Step + 6, losses[^1].Step);
        Assert.InRange(losses[^1].Step, 8, 38);
        Assert.Contains($"has not fallen since step {best.Step}: ended after step {losses[^1].Step}", output);
        Assert.Contains($"best:       {Best}, validation loss", output);
        Assert.Single(Directory.GetFiles(Run, $"step-{losses[^1].Step:D6}.safetensors"));
        Assert.True(Evaluate(Best) < Evaluate(Run), "The best weights are not better than the last ones.");
        Assert.Contains("It cannot be resumed from", CommandLine.Fail("train", "--resume", Best));

        // More patience goes on, counted from the best evaluation of the whole run.
        CommandLine.Succeed("train", "--out", Run, "--resume", "--patience", "5");
        losses = Losses(Run);
        Assert.Equal(Math.Min(40, losses.MinBy(static entry => entry.Loss).Step + 10), losses[^1].Step);
    }

    [Fact]
    public void TheNewestCheckpointIsNotKeptTwice()
    {
        CommandLine.Succeed(Arguments(4, "--learning-rate", "1e-3", "--evaluate-every", "2", "--save-every", "2"));
        Assert.Equal(4, Losses(Run).MinBy(static entry => entry.Loss).Step);
        Assert.False(File.Exists(Best));

        // Going on with the run, the checkpoint that was the best will not stay, and its weights do.
        CommandLine.Succeed(["train", "--out", Run, "--resume", "--steps", "10", .. s_tooFast]);
        Assert.Equal(4, Losses(Run).MinBy(static entry => entry.Loss).Step);
        Assert.True(File.Exists(Best));
    }

    [Fact]
    public void PatienceNeedsEvaluations() =>
        Assert.Contains("--evaluate-every 0 makes none", CommandLine.Fail(Arguments(4, "--patience", "2", "--evaluate-every", "0")));

    private string[] Arguments(int steps, params string[] more) =>
        ["train", "--data", folder.Write("text.txt", TinyRun.Text), "--out", Run, "--steps", $"{steps}", "--batch", "2", "--length", "16",
            "--warmup", "1", "--threads", "1", .. more.Contains("--learning-rate") ? [] : s_tooFast, .. more];

    /// <summary>The loss of what the run validates on, its last tenth.</summary>
    private double Evaluate(string weights)
    {
        var heldOut = folder.Write("held-out.txt", TinyRun.Text[(TinyRun.Text.Length * 9 / 10)..]);
        using var report = JsonDocument.Parse(
            CommandLine.Succeed("evaluate", "--weights", weights, "--data", heldOut, "--json", "--threads", "1"));
        return report.RootElement.GetProperty("loss").GetDouble();
    }

    private static List<(int Step, double Loss)> Losses(string run)
    {
        var losses = new List<(int Step, double Loss)>();
        foreach (var line in File.ReadLines(Path.Combine(run, "log.jsonl")))
        {
            using var step = JsonDocument.Parse(line);
            if (step.RootElement.TryGetProperty("validation_loss", out var loss))
                losses.Add((step.RootElement.GetProperty("step").GetInt32(), loss.GetDouble()));
        }

        return losses;
    }
}
