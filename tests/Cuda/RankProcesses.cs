using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary>
/// A test method in several processes at once, each of them this test program: what stands in for NCCL knows other processes, and no threads.
/// </summary>
internal static class RankProcesses
{
    private const string RankVariable = "GPTGEN_TEST_RANK";
    private const string SizeVariable = "GPTGEN_TEST_RANKS";

    /// <summary>The variable by which NCCL's processes find each other without another engine.</summary>
    public const string AddressVariable = "NCCL_COMM_ID";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>The number of this process; skips a test that is a part of another one where nobody started it so.</summary>
    public static int Rank
    {
        get
        {
            var rank = Environment.GetEnvironmentVariable(RankVariable);
            Assert.SkipWhen(rank is null, "A part of a test that starts it in several processes.");
            return int.Parse(rank!, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What only the processes of one test have in common.</summary>
    public static string Address => Environment.GetEnvironmentVariable(AddressVariable)!;

    /// <summary>How many there are.</summary>
    public static int Size => int.Parse(Environment.GetEnvironmentVariable(SizeVariable)!, CultureInfo.InvariantCulture);

    /// <summary>Runs a test method of a class in each process; all but those that end themselves pass it.</summary>
    public static void Run<T>(string method, int ranks, params ReadOnlySpan<int> ending)
    {
        TestTarget.RequireEmulator();
        var address = $"{Guid.NewGuid():N}:1";
        var processes = Enumerable.Range(0, ranks).Select(rank =>
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["-noColor", "-method", $"{typeof(T).FullName}.{method}"])
            {
                RedirectStandardOutput = true,
            };
            start.Environment[RankVariable] = $"{rank}";
            start.Environment[SizeVariable] = $"{ranks}";
            start.Environment[AddressVariable] = address;
            start.Environment["GPTGEN_EMULATOR_DEVICES"] = $"{ranks}";
            var process = Process.Start(start)!;
            return (Process: process, Output: process.StandardOutput.ReadToEndAsync());
        }).ToList();
        for (var rank = 0; rank < ranks; rank++)
        {
            using var process = processes[rank].Process;
            if (!process.WaitForExit(s_limit))
            {
                process.Kill();
                Assert.Fail($"Rank {rank} ran longer than {s_limit}.");
            }

            if (!ending.Contains(rank))
                Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", processes[rank].Output.Result);
        }
    }
}
