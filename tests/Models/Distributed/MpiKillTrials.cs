using System.Diagnostics;
using System.Globalization;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Trials: runs of several processes of which one is killed, whichever it is and whatever it is at.</summary>
public sealed class MpiKillTrials : IDisposable
{
    /// <summary>The variable with the number of trials, where more are wanted.</summary>
    private const string TrialsVariable = "GPTGEN_KILL_TRIALS";

    private const int FewestTrials = 3;
    private const int StepsOfATrial = 30;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// All end in time and the launcher names the death; no process says that anything else is wrong; the newest checkpoint is whole, from which the
    /// next trial goes on; and in the end the run has the bytes of one that nobody disturbed.
    /// </summary>
    [Fact]
    public void WhicheverProcessIsKilledAllEndAndTheRunGoesOn()
    {
        string[] launchers = [Launcher.OpenMpi, Launcher.Mpich];
        Launcher.Require(launchers);
        var asked = Environment.GetEnvironmentVariable(TrialsVariable);
        var trials = string.IsNullOrEmpty(asked) ? FewestTrials : int.Parse(asked, CultureInfo.InvariantCulture);
        var (data, whole, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("whole"), folder.File("run"));
        var (random, steps, victims, whileSaving) = (new Random(14), StepsOfATrial * (trials + 1), new int[2], 0);
        string[] Arguments(string target) =>
            TinyRun.Arguments(data, target, steps, saveEvery: 10, "--dropout", "0.1", "--device", "cpu", "--shares", "2");
        CommandLine.Succeed(Arguments(whole));
        for (var trial = 0; trial < trials; trial++)
        {
            var (victim, watch) = (random.Next(2), new Stopwatch());
            var before = TrainingCheckpoint.FindLatest(run);
            var result = Launcher.Run(
                Launcher.Words(launchers[trial % 2], 2, [.. CommandLine.Program, .. Arguments(run), "--resume", "auto"]),
                process =>
                {
                    Await(process, () => TrainingCheckpoint.FindLatest(run) != before);
                    var id = Launcher.RanksOf(process, run)[victim];
                    if (random.Next(2) == 0)
                        Await(process, () => Directory.EnumerateFiles(run, ".step-*.tmp").Any());
                    else
                        Thread.Sleep(random.Next(20));
                    Process.GetProcessById(id).Kill();
                    watch.Start();
                });
            var said = $"trial {trial}, rank {victim}: {result.Error}{result.Output}";
            Assert.True(result.ExitCode != 0, said);
            Assert.True(watch.Elapsed < s_bound, said);
            Assert.True(trial % 2 == 0 ? Says("exited on signal 9") : Says("EXIT CODE: 9") || IsEndedByTransport(), said);
            Assert.DoesNotContain("error: ", said);
            Assert.True(TrainingCheckpoint.ReadState(TrainingCheckpoint.FindLatest(run)!).Step > 0, said);
            victims[victim]++;
            whileSaving += Directory.EnumerateFiles(run, ".step-*.tmp").Count();

            bool Says(string text) => said.Contains(text, StringComparison.Ordinal);

            // MPICH's launcher names the first end that it sees. UCX ends a process that is just reading the killed one's memory.
            bool IsEndedByTransport() => Says("process_vm_readv") && Says("No such process") && Says("EXIT CODE: 6");
        }

        Launcher.Succeed(Launcher.OpenMpi, 2, [.. Arguments(run), "--resume", "auto"]);
        Assert.Equal(File.ReadAllBytes(TrainingCheckpoint.FindLatest(whole)!), File.ReadAllBytes(TrainingCheckpoint.FindLatest(run)!));
        Assert.All(victims, static count => Assert.True(count > 0, "Only one rank was ever killed."));
        TestContext.Current.SendDiagnosticMessage(
            $"{trials} kills: rank 0 {victims[0]} times, rank 1 {victims[1]} times, {whileSaving} of them in a save");
    }

    private static void Await(Process process, Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition() && !process.HasExited && watch.Elapsed < TimeSpan.FromMinutes(1))
            Thread.Sleep(1);
        Assert.False(process.HasExited, "The run ended before anything could be done to it.");
    }
}
