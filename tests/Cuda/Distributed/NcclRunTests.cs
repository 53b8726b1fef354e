using System.Runtime.InteropServices;
using System.Text.Json;
using GptGen.Cuda.Libraries;
using GptGen.Models.Tests;
using Xunit;

namespace GptGen.Cuda.Tests.Distributed;

/// <summary>
/// <c>gptgen train</c> by several processes, each with a GPU of the emulator, and its NCCL between them. What NCCL adds, it adds in another order for
/// each number of processes.
/// </summary>
[Collection(OtherProcesses.Name)]
public sealed class NcclRunTests : IDisposable
{
    private const string Half = "step-000003.safetensors";
    private const string Last = "step-000006.safetensors";

    /// <summary>What each tensor of weights and moments may differ by, relative to its own norm.</summary>
    private const double Tolerance = 1e-5;

    private readonly CommandMachine machine = new(Libraries, sharesKernels: true);

    /// <summary>Processes that would wait for ever fail after a while.</summary>
    public NcclRunTests() => machine.Variables["GPTGEN_COLLECTIVE_TIMEOUT"] = "60";

    /// <summary>What a machine has on which several processes use GPUs.</summary>
    public static string[] Libraries =>
        ["libcuda.so.1", $"libcublas.so.{CudaLibrary.Majors[0]}", $"libnvrtc.so.{CudaLibrary.Majors[0]}", "libnccl.so.2"];

    public void Dispose() => machine.Dispose();

    [Fact]
    public void One_two_and_four_processes_train_alike_again_and_again_and_go_on_with_each_others_runs()
    {
        Run(1, "one");
        Assert.Contains("2 processes, Open MPI", Run(2, "two"));
        AssertClose("one", "two");
        Run(4, "four");
        AssertClose("one", "four");
        // Work that waits until somebody does, as on a GPU, comes to the same bits.
        machine.Variables["GPTGEN_EMULATOR_DEFERRED"] = "1";
        Run(2, "again");
        machine.Variables.Remove("GPTGEN_EMULATOR_DEFERRED");
        Assert.True(Bytes("two", Last).AsSpan().SequenceEqual(Bytes("again", Last)));
        // An evaluation is not summed up by NCCL.
        string[] evaluate =
        [
            "evaluate", "--weights", machine.File("two"), "--data", machine.File("text.txt"), "--limit", "200", "--batch", "1", "--stride", "32",
            "--device", "cuda", "--json",
        ];
        Assert.Equal(Succeed(machine.Run(evaluate)), Succeed(machine.RunRanks(2, evaluate)));
        // What four began, two go on with: the file is whole, moments and all.
        string[] resume = ["train", "--resume", Path("four", Half), "--sample-tokens", "4", "--device", "cuda"];
        Assert.Contains("continuing after step 3", Succeed(machine.RunRanks(2, resume)));
        AssertClose("one", "four");
    }

    [Fact]
    public void Two_processes_fine_tune_as_one_does()
    {
        var data = machine.File("data.tsv");
        File.WriteAllText(data, "text\tlabel\n" + string.Concat(Enumerable.Range(0, 12).Select(
            static index => $"{new string((char)('a' + (index % 3)), 1 + (index % 4))}\t{index % 2}\n")));
        string Learn(int ranks, string name)
        {
            machine.Variables["GPTGEN_EMULATOR_DEVICES"] = $"{ranks}";
            string[] arguments =
            [
                "finetune", "--task", "classification", "--from-scratch", "--data", data, "--length", "12", "--batch", "4", "--epochs", "2",
                "--best-by", "loss", "--learning-rate", "1e-3", "--shares", "2", "--device", "cuda", "--out", machine.File(name),
            ];
            return Succeed(ranks == 1 ? machine.Run(arguments) : machine.RunRanks(ranks, arguments));
        }

        Learn(1, "one");
        Assert.Contains("2 processes, Open MPI", Learn(2, "two"));
        AssertClose("one", "two", "model.safetensors");
    }

    [Theory]
    [InlineData("ncclCommInitRank=2", "ncclCommInitRank failed: unhandled system error (2")]
    [InlineData("ncclReduceScatter=1@3", "ncclReduceScatter failed: unhandled cuda error (1")]
    [InlineData("ncclGroupEnd=6@4", "ncclGroupEnd failed: remote process exited or there was a network error (6")]
    public void A_call_that_fails_ends_all_with_one_word(string failure, string message)
    {
        machine.Variables["GPTGEN_EMULATOR_FAIL"] = failure;
        machine.Variables["GPTGEN_EMULATOR_DEVICES"] = "2";
        var (exitCode, output, error) = machine.RunRanks(2, Arguments("run"));
        Assert.NotEqual(0, exitCode);
        // Open MPI hands both streams on where it likes.
        var errors = $"{error}\n{output}".Split('\n').Where(static line => line.StartsWith("error: ", StringComparison.Ordinal)).ToList();
        Assert.Contains($"error: rank 0 of 2 on {Environment.MachineName}: {message}", errors[0]);
        Assert.DoesNotContain("   at ", output + error);
    }

    [Fact]
    public void Two_processes_with_one_GPU_are_told_so_and_use_the_CPU_where_they_may()
    {
        machine.Variables["GPTGEN_EMULATOR_DEVICES"] = "1";
        var (exitCode, output, error) = machine.RunRanks(2, Arguments("run"));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Ranks 0 and 1 would share a GPU: start one process for each GPU of a host.", error + output);
        var (other, text, notes) = machine.RunRanks(2, [.. Arguments("run")[..^1], "auto"]);
        Assert.Equal(0, other);
        Assert.Contains("note: the CPU computes, because the GPUs cannot be used: Ranks 0 and 1 would share a GPU", notes + text);
    }

    private string Run(int ranks, string name)
    {
        machine.Variables["GPTGEN_EMULATOR_DEVICES"] = $"{ranks}";
        return ranks == 1 ? Succeed(machine.Run(Arguments(name))) : Succeed(machine.RunRanks(ranks, Arguments(name)));
    }

    private string[] Arguments(string name)
    {
        var data = machine.File("text.txt");
        File.WriteAllText(data, TinyRun.Text);
        return
        [
            "train", "--data", data, "--out", machine.File(name), "--steps", "6", "--save-every", "3", "--evaluate-every", "3", "--validation-tokens",
            "64", "--batch", "4", "--length", "8", "--warmup", "1", "--dropout", "0.1", "--shares", "4", "--sample-tokens", "4",
            "--device", "cuda",
        ];
    }

    private string Path(string run, string file) => System.IO.Path.Combine(machine.File(run), file);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path(run, file));

    /// <summary>Compares the last checkpoints of two runs, and their losses.</summary>
    private void AssertClose(string expected, string run)
    {
        AssertClose(expected, run, Last);
        foreach (var (first, second) in Losses(expected).Zip(Losses(run)))
            Assert.Equal(first, second, 1e-5 * first);
    }

    /// <summary>Compares each tensor of two files, weights and moments.</summary>
    private void AssertClose(string expected, string run, string name)
    {
        byte[] a = Bytes(expected, name), b = Bytes(run, name);
        using var header = JsonDocument.Parse(a.AsMemory(sizeof(long), BitConverter.ToInt32(a)));
        foreach (var tensor in header.RootElement.EnumerateObject().Where(static tensor => tensor.Value.TryGetProperty("data_offsets", out _)))
        {
            var place = tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(static offset => offset.GetInt32()).ToArray();
            double difference = 0, square = 0;
            foreach (var (first, second) in Numbers(a, place).Zip(Numbers(b, place)))
                (difference, square) = (difference + Math.Pow(first - second, 2), square + Math.Pow(first, 2));
            Assert.True(difference <= square * Tolerance * Tolerance, $"{tensor.Name}: {Math.Sqrt(difference / square)}");
        }

    }

    private static float[] Numbers(byte[] file, int[] place) =>
        MemoryMarshal.Cast<byte, float>(file.AsSpan(sizeof(long) + BitConverter.ToInt32(file))[place[0]..place[1]]).ToArray();

    private List<double> Losses(string run) =>
        [.. File.ReadLines(Path(run, "log.jsonl")).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble())];

    private static string Succeed((int ExitCode, string Output, string Error) result)
    {
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output;
    }
}
