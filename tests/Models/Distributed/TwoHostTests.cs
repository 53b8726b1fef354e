using System.Diagnostics;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>A run on two hosts has the bits of a run on one, and a cable that is cut ends it.</summary>
public sealed class TwoHostTests : IDisposable
{
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

    private string[] Arguments(string run, int steps, int saveEvery) => TinyRun.Arguments(
        folder.Write("text.txt", TinyRun.Text), run, steps, saveEvery, "--dropout", "0.1", "--device", "cpu", "--shares", "2");
}
