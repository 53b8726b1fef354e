using System.Diagnostics;
using GptGen.Models.Tests;
using Xunit;

namespace GptGen.Cuda.Tests.Distributed;

/// <summary>Processes that no MPI started: PyTorch's variables tell them where rank 0 is, and NCCL does the rest.</summary>
[Collection(OtherProcesses.Name)]
public sealed class TorchRunTests : IDisposable
{
    private const string Half = "step-000002.safetensors";
    private const string Last = "step-000004.safetensors";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly CommandMachine machine = new(NcclRunTests.Libraries, sharesKernels: true);

    public TorchRunTests()
    {
        machine.Variables["GPTGEN_COLLECTIVE_TIMEOUT"] = "60";
        machine.Variables["GPTGEN_EMULATOR_DEVICES"] = "2";
    }

    public void Dispose() => machine.Dispose();

    [Fact]
    public void A_run_has_the_bits_of_one_that_MPI_started_and_goes_on()
    {
        var started = machine.RunRanks(2, Arguments("mpi"));
        Assert.True(started.ExitCode == 0, started.Error + started.Output);
        var results = machine.RunTorch(2, Arguments("torch"));
        Assert.All(results, static result => Assert.True(result.ExitCode == 0, result.Error + result.Output));
        Assert.Contains("2 processes, TCP, NCCL", results[0].Output);
        Assert.Equal("", results[1].Output + results[1].Error);
        AssertSame();

        results = machine.RunTorch(2, ["train", "--resume", Path("torch", Half), "--sample-tokens", "4", "--device", "cuda"]);
        Assert.All(results, static result => Assert.True(result.ExitCode == 0, result.Error + result.Output));
        Assert.Contains("continuing after step 2", results[0].Output);
        AssertSame();
    }

    /// <summary>No launcher ends the other one: it notices by itself.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_killed_process_ends_the_other_with_one_word(int killed)
    {
        var watch = new Stopwatch();
        var results = machine.RunTorch(2, Arguments("run", steps: 1_000_000), processes =>
        {
            while (!File.Exists(Path("run", Half)) && !processes[0].HasExited)
                Thread.Sleep(5);
            processes[killed].Kill();
            watch.Start();
        });
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, s_limit);
        var (exitCode, _, error) = results[1 - killed];
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"error: rank {1 - killed} of 2 on ", Error(error), StringComparison.Ordinal);
        Assert.True(File.Exists(Path("run", Half)));
    }

    [Fact]
    public void A_failure_is_told_by_one_of_them()
    {
        Directory.CreateDirectory(Path("run", Half));
        var results = machine.RunTorch(2, Arguments("run"));
        Assert.Contains($"{Half}': a folder has this name", Error(results[0].Error));
        Assert.Equal("", results[1].Error);
        Assert.All(results, static result => Assert.Equal(1, result.ExitCode));
    }

    [Fact]
    public void The_CPU_is_refused_in_one_line()
    {
        var results = machine.RunTorch(2, [.. Arguments("run")[..^1], "cpu"]);
        Assert.Contains("compute on GPUs only: choose the device cuda, or install Open MPI or MPICH", Error(results[0].Error));
        Assert.Equal("", results[1].Error);
        Assert.All(results, static result => Assert.Equal(1, result.ExitCode));
    }

    private string[] Arguments(string name, int steps = 4)
    {
        var data = machine.File("text.txt");
        File.WriteAllText(data, TinyRun.Text);
        return
        [
            "train", "--data", data, "--out", machine.File(name), "--steps", $"{steps}", "--save-every", "2", "--evaluate-every", "0", "--batch", "4",
            "--length", "8", "--warmup", "1", "--dropout", "0.1", "--sample-tokens", "4", "--device", "cuda",
        ];
    }

    private string Path(string run, string file) => System.IO.Path.Combine(machine.File(run), file);

    /// <summary>The only line that says what went wrong.</summary>
    private static string Error(string text) =>
        Assert.Single(text.Split('\n'), static line => line.StartsWith("error: ", StringComparison.Ordinal));

    private void AssertSame()
    {
        foreach (var name in (string[])[Half, Last])
            Assert.Equal(File.ReadAllBytes(Path("mpi", name)), File.ReadAllBytes(Path("torch", name)));
    }
}
