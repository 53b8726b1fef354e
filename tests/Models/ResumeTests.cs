using System.Globalization;
using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

public sealed class ResumeTests
{
    private const int Steps = 120;

    [Fact]
    public void AKilledRunResumesToTheBytesOfAnUninterruptedOne()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("text.txt", TinyRun.Text);
        string[] Arguments(string run, params string[] more) =>
            TinyRun.Arguments(data, folder.File(run), Steps, saveEvery: 30, ["--dropout", "0.1", .. more]);
        CommandLine.Succeed(Arguments("whole"));
        CommandLine.KillOnce(Path.Combine(folder.File("killed"), "step-000030.safetensors"), Arguments("killed"));
        Assert.Contains("--resume", CommandLine.Fail(Arguments("killed")));
        // A kill in the middle of a line of the log.
        File.AppendAllText(Path.Combine(folder.File("killed"), "log.jsonl"), "{\"step\":99,\"lo");
        CommandLine.Succeed("train", "--out", folder.File("killed"), "--resume");
        AssertSameEnd(folder.File("whole"), folder.File("killed"));
    }

    [Fact]
    public void AnInterruptedRunSavesAndResumesToTheBytesOfAnUninterruptedOne()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal to send.");
        using var folder = new TemporaryFolder();
        var data = folder.Write("text.txt", TinyRun.Text);
        string[] Arguments(string run) => TinyRun.Arguments(data, folder.File(run), Steps, saveEvery: 0, "--schedule", "inverse-sqrt");
        CommandLine.Succeed(Arguments("whole"));
        var log = Path.Combine(folder.File("stopped"), "log.jsonl");
        var result = CommandLine.InterruptOnce(() => File.Exists(log) && new FileInfo(log).Length > 0, Arguments("stopped"));
        Assert.Equal(130, result.ExitCode);
        Assert.DoesNotContain("error", result.Error);
        var checkpoint = Assert.Single(Directory.GetFiles(folder.File("stopped"), "step-*"));
        Assert.Contains(checkpoint, result.Output);
        var step = int.Parse(Path.GetFileNameWithoutExtension(checkpoint).AsSpan("step-".Length), CultureInfo.InvariantCulture);
        Assert.InRange(step, 1, Steps - 1);
        Assert.Equal(step, File.ReadAllLines(log).Length);
        CommandLine.Succeed("train", "--out", folder.File("stopped"), "--resume");
        AssertSameEnd(folder.File("whole"), folder.File("stopped"));
    }

    [Fact]
    public void ResumingFromAnOlderStepSetsLaterCheckpointsAside()
    {
        using var folder = new TemporaryFolder();
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        string Checkpoint(int step) => Path.Combine(run, $"step-{step:D6}.safetensors");
        CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 6, saveEvery: 3));
        var given = File.ReadAllBytes(Checkpoint(6));
        var output = CommandLine.Succeed("train", "--resume", Checkpoint(3), "--steps", "5");
        Assert.Contains("'abandoned-step-000006.safetensors'", output);
        Assert.Equal(given, File.ReadAllBytes(Path.Combine(run, "abandoned-step-000006.safetensors")));
        Assert.Equal([Checkpoint(3), Checkpoint(5)], Directory.GetFiles(run, "step-*").Order());
        Assert.Contains("continuing after step 5", CommandLine.Succeed("train", "--out", run, "--resume", "--steps", "7"));
        Assert.Equal(Enumerable.Range(1, 7), StepsOf(run));
    }

    [Fact]
    public void AResumedRunRefusesOtherDataSeedsAndFewerSteps()
    {
        using var folder = new TemporaryFolder();
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 4, saveEvery: 2));
        var before = File.ReadAllBytes(Path.Combine(run, "log.jsonl"));
        Assert.Contains("--seed 1337", CommandLine.Fail("train", "--out", run, "--resume", "--seed", "7"));
        Assert.Contains("--steps", CommandLine.Fail("train", "--out", run, "--resume", "--steps", "3"));
        Assert.Contains(
            "--data", CommandLine.Fail("train", "--out", run, "--resume", "--data", folder.Write("other.txt", TinyRun.Text + "!\n" + TinyRun.Text)));
        Assert.Contains("is there already", CommandLine.Fail("train", "--out", run, "--weights", run));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(run, "log.jsonl")));
    }

    /// <summary>The last checkpoint and the picture of all losses are the same bytes, and the log has each step once.</summary>
    private static void AssertSameEnd(string expected, string actual)
    {
        foreach (var name in (ReadOnlySpan<string>)[$"step-{Steps:D6}.safetensors", "loss.svg"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(expected, name)), File.ReadAllBytes(Path.Combine(actual, name)));
        Assert.Equal(Enumerable.Range(1, Steps), StepsOf(actual));
    }

    private static IEnumerable<int> StepsOf(string run) => File.ReadAllLines(Path.Combine(run, "log.jsonl")).Select(static line =>
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("step").GetInt32();
    });
}
