using System.Diagnostics;
using System.Text.Json;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Runs of several processes: the bits of a run follow from its shares, and it ends in one of two ways, whole or with a word.</summary>
public sealed class MpiRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Data => folder.Write("text.txt", TinyRun.Text);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void FourSharesGiveTheSameFileOnOneTwoAndFourProcessesOfBothLibrariesAndARunGoesOnWithOthers()
    {
        Launcher.Require(Launcher.OpenMpi, Launcher.Mpich);
        var (one, four) = (folder.File("one"), folder.File("four"));
        CommandLine.Succeed(Arguments(one, "--shares", "4"));
        var output = Launcher.Succeed(Launcher.OpenMpi, 4, Arguments(four));
        Assert.Contains("4 processes, Open MPI", output);
        Assert.Contains("4 shares", output);
        Assert.DoesNotContain("\e[?1h", output);
        AssertSame(one, four);
        Assert.Equal(8, File.ReadLines(Path.Combine(four, "log.jsonl")).Count());

        foreach (var launcher in (string[])[Launcher.OpenMpi, Launcher.Mpich])
        {
            var two = folder.File(launcher);
            Launcher.Succeed(launcher, 2, Arguments(two, "--shares", "4"));
            AssertSame(one, two);
        }

        // What four processes began, two and then one go on with.
        Launcher.Succeed(Launcher.Mpich, 2, "train", "--resume", Path.Combine(four, "step-000004.safetensors"));
        AssertSame(one, four);
        CommandLine.Succeed("train", "--resume", Path.Combine(four, "step-000004.safetensors"));
        AssertSame(one, four);
    }

    /// <summary>Of six layers, whose gradients go in several buckets, each while others are computed.</summary>
    [Fact]
    public void ALargerModelHasTheSameBitsToo()
    {
        Launcher.Require(Launcher.OpenMpi, Launcher.Mpich);
        string[] Large(string run) =>
            Of(Data, folder.File(run), 2, 2, "--evaluate-every", "0", "--accumulate", "2", "--shares", "4", "--model", "gpt2-mini");
        CommandLine.Succeed(Large("one"));
        Launcher.Succeed(Launcher.OpenMpi, 2, Large("two"));
        Launcher.Succeed(Launcher.Mpich, 2, Large("others"));
        Launcher.Succeed(Launcher.OpenMpi, 4, Large("four"));
        var one = File.ReadAllBytes(folder.File("one/step-000002.safetensors"));
        foreach (var run in (string[])["two", "others", "four"])
            Assert.Equal(one, File.ReadAllBytes(folder.File($"{run}/step-000002.safetensors")));
    }

    [Fact]
    public void ThreeProcessesGoOnWithARunOfFourAndSayThatItIsRoundedInAnotherWay()
    {
        Launcher.Require(Launcher.OpenMpi);
        var run = folder.File("run");
        CommandLine.Succeed(Arguments(run, "--shares", "4", "--dropout", "0"));
        var before = Losses(run);
        var result = Launcher.Run(Launcher.OpenMpi, 3, "train", "--resume", Path.Combine(run, "step-000004.safetensors"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("from 4 shares, and from here on from 3", result.Error + result.Output);
        var after = Losses(run);
        Assert.Equal(before.Count, after.Count);
        for (var step = 0; step < after.Count; step++)
            Assert.Equal(before[step], after[step], 1e-5 * before[step]);
    }

    [Fact]
    public void ASignalToTheLauncherSavesAndTheRunGoesOn()
    {
        Launcher.Require(Launcher.OpenMpi);
        var run = folder.File("run");
        var words = Launcher.Words(Launcher.OpenMpi, 2, [.. CommandLine.Program, .. Long(run, 1_000_000)]);
        var result = Launcher.Run(words, process =>
        {
            Await(() => TrainingCheckpoint.FindLatest(run) is not null, process);
            using var kill = Process.Start("kill", ["-USR1", $"{process.Id}"]);
            kill.WaitForExit();
        });
        Assert.Equal(138, result.ExitCode);
        Assert.Contains("continue with --resume", result.Output);
        Assert.DoesNotContain("error: ", result.Output + result.Error);
    }

    [Fact]
    public void AProcessThatHangsEndsTheRunInTime()
    {
        Launcher.Require(Launcher.OpenMpi);
        var run = folder.File("run");
        var words = Launcher.Words(Launcher.OpenMpi, 2, [.. CommandLine.Program, .. Long(run, 1_000_000)]);
        var result = Launcher.Run(
            words,
            process =>
            {
                Await(() => TrainingCheckpoint.FindLatest(run) is not null, process);
                using var kill = Process.Start("kill", ["-STOP", $"{Launcher.RanksOf(process, run)[1]}"]);
                kill.WaitForExit();
            },
            ("GPTGEN_COLLECTIVE_TIMEOUT", "2"));
        Assert.Contains("rank 0 of 2 on ", Launcher.Error(result));
        Assert.Contains("waited 2 s for the other processes in MPI_", Launcher.Error(result));
        Assert.NotNull(TrainingCheckpoint.FindLatest(run));
    }

    [Fact]
    public void ACheckpointThatCannotBeWrittenEndsAllWithOneWord()
    {
        Launcher.Require(Launcher.OpenMpi);
        var run = folder.File("run");
        Directory.CreateDirectory(Path.Combine(run, "step-000004.safetensors"));
        var error = Launcher.Error(Launcher.Run(Launcher.OpenMpi, 2, Arguments(run)));
        Assert.Contains("rank 0 of 2 on ", error);
        Assert.Contains("step-000004.safetensors': a folder has this name", error);
        Assert.Null(TrainingCheckpoint.FindLatest(run));
    }

    [Fact]
    public void ProcessesThatDifferAreNamed()
    {
        Launcher.Require(Launcher.OpenMpi);
        var result = Launcher.Run(
        [
            .. Launcher.Words(Launcher.OpenMpi, 1, [.. CommandLine.Program, .. Arguments(folder.File("run"))]),
            ":", "-n", "1", .. CommandLine.Program, .. Arguments(folder.File("run"), "--learning-rate", "0.5"),
        ]);
        Assert.Contains("rank 1 has other options", Launcher.Error(result));
        var other = folder.Write("other.txt", TinyRun.Text.Replace('e', 'a'));
        result = Launcher.Run(
        [
            .. Launcher.Words(Launcher.OpenMpi, 1, [.. CommandLine.Program, .. Arguments(folder.File("run"))]),
            ":", "-n", "1", .. CommandLine.Program, .. Of(other, folder.File("run"), 8, 4, "--evaluate-every", "4", "--accumulate", "2"),
        ]);
        Assert.Contains("rank 1 has other data", Launcher.Error(result));
        Assert.False(Directory.Exists(folder.File("run")) && Directory.GetFiles(folder.File("run")).Length > 0);
    }

    [Fact]
    public void TheLibraryOfAnotherLauncherIsNoticed()
    {
        Launcher.Require(Launcher.OpenMpi, Launcher.Mpich);
        var words = Launcher.Words(Launcher.OpenMpi, 2, [.. CommandLine.Program, .. Arguments(folder.File("run"))]);
        var error = Launcher.Error(Launcher.Run(words, variables: ("GPTGEN_MPI", "libmpich.so.12")));
        Assert.Contains("started 2 processes, but MPI (MPICH Version", error);
        Assert.Contains("knows of 1", error);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void AStepOfSlurmWithoutMpiIsRefusedAndABatchScriptIsAlone()
    {
        var words = (string[])[.. CommandLine.Program, .. Arguments(folder.File("run"))];
        var error = Launcher.Error(Launcher.Run(words, variables: [("SLURM_STEP_NUM_TASKS", "4"), ("SLURM_PROCID", "0")]));
        Assert.Contains("--mpi=pmix", error);
        Assert.Equal(0, Launcher.Run(words, variables: [("SLURM_NTASKS", "2"), ("SLURM_PROCID", "0")]).ExitCode);
    }

    /// <summary>Eight steps of twelve sequences each, with dropout.</summary>
    private string[] Arguments(string run, params string[] more) => Of(Data, run, 8, 4, ["--evaluate-every", "4", "--accumulate", "2", .. more]);

    /// <summary>Many steps, with a checkpoint now and then.</summary>
    private string[] Long(string run, int steps, params string[] more) => Of(Data, run, steps, 10, ["--evaluate-every", "0", .. more]);

    private static string[] Of(string data, string run, int steps, int saveEvery, params string[] more) =>
    [
        "train", "--data", data, "--out", run, "--steps", $"{steps}", "--batch", "6", "--length", "16", "--warmup", "1", "--save-every",
        $"{saveEvery}", "--device", "cpu", "--threads", "1", .. more.Contains("--dropout") ? more : ["--dropout", "0.1", .. more],
    ];

    private static void AssertSame(string expected, string run)
    {
        foreach (var step in (string[])["step-000004.safetensors", "step-000008.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(expected, step)), File.ReadAllBytes(Path.Combine(run, step)));
    }

    private static List<double> Losses(string run) =>
        [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(
            static line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble())];

    private static void Await(Func<bool> condition, Process process)
    {
        var watch = Stopwatch.StartNew();
        while (!condition() && !process.HasExited && watch.Elapsed < TimeSpan.FromMinutes(1))
            Thread.Sleep(1);
        Assert.False(process.HasExited, "The run ended before anything could be done to it.");
    }
}
