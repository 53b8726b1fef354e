using System.Diagnostics;
using GptGen.Checkpoints;
using GptGen.Distributed;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>A run on two hosts has the bits of a run on one, and a cable that is cut ends it.</summary>
public sealed class TwoHostTests : IDisposable
{
    private const string Marker = "GPTGEN_TEST_INSIDE_TWO_HOSTS";

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TwoHostsTrainTheRunOfOneProcessAndEndWhenTheirCableIsCut()
    {
        Launcher.Require(Launcher.OpenMpi, Launcher.Mpich);
        using var hosts = TwoHosts.Connect(folder);
        var one = folder.File("one");
        CommandLine.Succeed(Arguments(one, steps: 4, saveEvery: 2));
        foreach (var launcher in (string[])[Launcher.OpenMpi, Launcher.Mpich])
        {
            var run = folder.File(launcher);
            var result = Launcher.Run(hosts.Words(launcher, [.. CommandLine.Program, .. Arguments(run, steps: 4, saveEvery: 2)]));
            Assert.True(result.ExitCode == 0, result.Error + result.Output);
            Assert.Equal(File.ReadAllBytes(TrainingCheckpoint.FindLatest(one)!), File.ReadAllBytes(TrainingCheckpoint.FindLatest(run)!));
        }

        // No MPI notices, and the launcher waits for a host that it cannot reach: each process ends itself.
        var (cut, log) = (folder.File("cut"), Path.Combine(folder.File("cut"), "log.jsonl"));
        var error = Launcher.Run(
            hosts.Words(Launcher.Mpich, [.. CommandLine.Program, .. Arguments(cut, steps: 1_000_000, saveEvery: 1_000_000)]),
            process =>
            {
                while (!(File.Exists(log) && new FileInfo(log).Length > 0) && !process.HasExited)
                    Thread.Sleep(5);
                hosts.Cut();
                var watch = Stopwatch.StartNew();
                while (Launcher.RanksOf(process, cut).Count > 0 && watch.Elapsed < s_bound)
                    Thread.Sleep(50);
                var left = Launcher.RanksOf(process, cut);
                process.Kill(entireProcessTree: true);
                Assert.Empty(left);
            },
            ("GPTGEN_COLLECTIVE_TIMEOUT", "2"));
        Assert.Contains("waited 2 s for the other processes in MPI_", error.Error + error.Output);
    }

    /// <summary>The others wait longer for rank 0 while that may be at a file, but not for ever where their cable is cut meanwhile.</summary>
    [Fact]
    public void ACableThatIsCutWhileTheFirstProcessIsAtAFileEndsTheOthers()
    {
        Launcher.Require(Launcher.Mpich);
        using var hosts = TwoHosts.Connect(folder);
        var busy = folder.File("busy");
        const string Inside = nameof(InsideAwaitingTheFirst);
        string[] program = [Environment.ProcessPath!, "-noColor", "-method", $"{typeof(TwoHostTests).FullName}.{Inside}"];
        var result = Launcher.Run(
            hosts.Words(Launcher.Mpich, isFirstAway: true, program),
            process =>
            {
                while (!File.Exists(busy) && !process.HasExited)
                    Thread.Sleep(5);
                hosts.Cut();
                var watch = Stopwatch.StartNew();
                while (Launcher.RanksOf(process, Inside).Count > 1 && watch.Elapsed < s_bound)
                    Thread.Sleep(50);
                process.Kill(entireProcessTree: true);
            },
            (Marker, busy), ("GPTGEN_COLLECTIVE_TIMEOUT", "0.3"));
        Assert.Contains("waited 3 s for rank 0 in MPI_Bcast: it is at a file, hangs or cannot be reached", result.Error + result.Output);
    }

    [Fact]
    public void InsideAwaitingTheFirst()
    {
        var busy = Environment.GetEnvironmentVariable(Marker);
        Assert.SkipWhen(busy is null, "A part of the test that starts it on two hosts.");
        using var others = Communicator.Start();
        Assert.NotNull(others);
        // Longer than any other call may take.
        if (others.IsFirst)
            Thread.Sleep(1000);
        others.AwaitFirst();
        if (others.IsFirst)
        {
            File.WriteAllText(busy!, "");
            Thread.Sleep(Timeout.Infinite);
        }

        others.AwaitFirst();
    }

    private string[] Arguments(string run, int steps, int saveEvery) => TinyRun.Arguments(
        folder.Write("text.txt", TinyRun.Text), run, steps, saveEvery, "--dropout", "0.1", "--device", "cpu", "--shares", "2");
}
