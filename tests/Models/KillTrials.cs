using System.Diagnostics;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Trials: runs that are killed at random moments, and two writers of one folder.</summary>
public sealed class KillTrials : IDisposable
{
    private const int Kills = 24;
    private const int Rounds = 5;

    private readonly TemporaryFolder folder = new();

    private string Data => folder.Write("text.txt", TinyRun.Text);

    public void Dispose() => folder.Dispose();

    /// <summary>However often a run is killed, its folder can be resumed at once, and in the end it has the bytes of one that never was.</summary>
    [Fact]
    public void ARunThatIsKilledAgainAndAgainEndsWithTheSameBytes()
    {
        const int Steps = 60;
        var (whole, run) = (folder.File("whole"), folder.File("run"));
        string[] Arguments(string target) => TinyRun.Arguments(Data, target, Steps, saveEvery: 1, "--dropout", "0.1");
        CommandLine.Succeed(Arguments(whole));
        var random = new Random(2026);
        var killedWhileSaving = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            var isNew = TrainingCheckpoint.FindLatest(run) is null;
            using var process = CommandLine.Start(isNew ? Arguments(run) : ["train", "--resume", "--out", run]);
            // The moment: in a save, or after the log was opened, which is when the steps begin, and up to a few checkpoints later.
            var log = Path.Combine(run, "log.jsonl");
            var before = Time(log);
            var watch = Stopwatch.StartNew();
            bool IsReached() => kill % 2 == 0 ? Time(log) != before : Directory.Exists(run) && Directory.EnumerateFiles(run, ".step-*.tmp").Any();
            while (!IsReached() && !process.HasExited && watch.Elapsed < TimeSpan.FromSeconds(30))
                Thread.Sleep(1);
            Thread.Sleep(random.Next(kill % 2 == 0 ? 60 : 4));
            process.Kill();
            process.WaitForExit();
            var files = Directory.GetFiles(run).Select(static path => Path.GetFileName(path)).ToList();
            killedWhileSaving += files.Count(static name => name.EndsWith(".tmp", StringComparison.Ordinal));
            Assert.InRange(files.Count(static name => name.EndsWith(".tmp", StringComparison.Ordinal)), 0, 1);
            if (TrainingCheckpoint.FindLatest(run) is { } latest)
                Assert.True(TrainingCheckpoint.ReadState(latest).Step >= 1);
        }

        CommandLine.Succeed(TrainingCheckpoint.FindLatest(run) is null ? Arguments(run) : ["train", "--resume", "--out", run]);
        foreach (var name in (string[])["step-000059.safetensors", "step-000060.safetensors", "loss.svg"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, name)), File.ReadAllBytes(Path.Combine(run, name)));
        Assert.Equal(Directory.GetFiles(whole).Select(Path.GetFileName).Order(), Directory.GetFiles(run).Select(Path.GetFileName).Order());
        Assert.True(killedWhileSaving > 0, "No kill met a save: the trial tries nothing.");
    }

    /// <summary>Of two that start together one has the folder and the other says so; the folder is the winner's alone.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OfTwoWritersOneIsRefused(bool resumes)
    {
        var data = Data;
        var first = folder.File("first");
        if (resumes)
            CommandLine.Succeed(TinyRun.Arguments(data, first, steps: 2, saveEvery: 1));
        for (var round = 0; round < Rounds; round++)
        {
            var run = resumes ? first : folder.File($"run{round}");
            string[] Arguments(int seed) => resumes
                ? ["train", "--resume", "--out", run, "--steps", "100000"]
                : TinyRun.Arguments(data, run, steps: 100000, saveEvery: 10, "--seed", $"{seed}");
            using var one = CommandLine.Start(Arguments(1));
            using var other = CommandLine.Start(Arguments(2));
            var watch = Stopwatch.StartNew();
            while (!one.HasExited && !other.HasExited && watch.Elapsed < TimeSpan.FromSeconds(50))
                Thread.Sleep(1);
            Assert.True(one.HasExited || other.HasExited, "Nobody was refused.");
            var (loser, winner) = one.HasExited ? (one, other) : (other, one);
            Assert.Equal(1, loser.ExitCode);
            var message = loser.StandardError.ReadToEnd();
            Assert.Contains($"The folder '{run}' is in use", message);
            if (!OperatingSystem.IsWindows())
                Assert.Contains("training, process ", message);

            // The winner goes on.
            var log = Path.Combine(run, "log.jsonl");
            while (!winner.HasExited && (!File.Exists(log) || new FileInfo(log).Length == 0) && watch.Elapsed < TimeSpan.FromSeconds(50))
                Thread.Sleep(1);
            Assert.False(winner.HasExited);
            winner.Kill();
            winner.WaitForExit();
        }
    }

    private static (DateTime Time, long Length) Time(string path) =>
        File.Exists(path) ? (File.GetLastWriteTimeUtc(path), new FileInfo(path).Length) : default;
}
