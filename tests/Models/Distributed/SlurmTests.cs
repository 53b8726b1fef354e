using System.Diagnostics;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Runs that <c>srun</c> starts, with a Slurm of the test's own.</summary>
public sealed class SlurmTests : IDisposable
{
    private const int Steps = 60;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>One process is killed, all are told to stop, and in the end the run has the bytes of one that nobody disturbed.</summary>
    [Theory]
    [InlineData("pmix", Launcher.OpenMpi, "Open MPI")]
    [InlineData("pmi2", Launcher.Mpich, "MPICH")]
    public void AStepOfSlurmStopsAndGoesOnToTheRunOfOneProcess(string mpi, string launcher, string engine)
    {
        Launcher.Require(launcher);
        using var slurm = OneNodeSlurm.Start(folder);
        var (one, run) = (folder.File("one"), folder.File("run"));
        var words = OneNodeSlurm.Words(mpi, [.. CommandLine.Program, .. Arguments(run), "--resume", "auto"]);
        var watch = new Stopwatch();
        var killed = slurm.Run(words, process =>
        {
            AwaitCheckpoint(process);
            Process.GetProcessById(Launcher.RanksOf(process, run)[1]).Kill();
            watch.Start();
        });
        Assert.SkipWhen(
            killed.Error.Contains("can not load PMIx library", StringComparison.Ordinal),
            "Slurm finds no PMIx (apt-get install libpmix-dev): srun --mpi=pmix is not tested.");
        Assert.True(killed.ExitCode != 0 && watch.Elapsed < s_bound, $"{watch.Elapsed}: {killed.Error}{killed.Output}");
        Assert.DoesNotContain("error: rank", killed.Error);

        var told = slurm.Run(words, process =>
        {
            AwaitCheckpoint(process);
            slurm.Signal("USR1");
        });
        Assert.Equal(138, told.ExitCode);
        Assert.Contains("continue with --resume", told.Output);

        var last = slurm.Run(words);
        Assert.True(last.ExitCode == 0, last.Error + last.Output);
        Assert.Contains($"2 processes, {engine}", last.Output);
        Assert.Single(last.Output.Split('\n'), static line => line.StartsWith("continuing after step", StringComparison.Ordinal));
        CommandLine.Succeed(Arguments(one));
        Assert.Equal(File.ReadAllBytes(TrainingCheckpoint.FindLatest(one)!), File.ReadAllBytes(TrainingCheckpoint.FindLatest(run)!));

        void AwaitCheckpoint(Process process)
        {
            var (before, limit) = (TrainingCheckpoint.FindLatest(run), Stopwatch.StartNew());
            while (TrainingCheckpoint.FindLatest(run) == before && !process.HasExited && limit.Elapsed < TimeSpan.FromMinutes(1))
                Thread.Sleep(1);
        }
    }

    private string[] Arguments(string run) => TinyRun.Arguments(
        folder.Write("text.txt", TinyRun.Text), run, Steps, saveEvery: 10, "--dropout", "0.1", "--device", "cpu", "--shares", "2");
}
