using GptGen.Cuda.Kernels;
using GptGen.Emulator;
using GptGen.Runtime.Tests;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary>
/// Which GPU the tests run on, by the environment: the emulated one; with <c>GPTGEN_TEST_DEVICE=gpu</c> the machine's own; with <c>watched-gpu</c>
/// its own in a process that compute-sanitizer watches, which then makes the checks of the emulator's checker. Without a working GPU the latter two
/// fail rather than skip.
/// </summary>
internal static class TestTarget
{
    /// <summary>The variable's name.</summary>
    public const string Variable = "GPTGEN_TEST_DEVICE";

    private static readonly string s_value = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? value : "emulator";

    private static readonly Lazy<TemporaryFolder> s_common = new(static () =>
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    /// <summary>Whether the tests run on the machine's own GPU.</summary>
    public static bool IsRealGpu => s_value switch
    {
        "emulator" => false,
        "gpu" or "watched-gpu" => true,
        _ => throw new InvalidOperationException($"{Variable}={s_value} is unknown: take emulator, gpu or watched-gpu."),
    };

    /// <summary>
    /// Where a test's compiled kernels lie: one place for all tests, as compiling takes longer than they do, on a real GPU also for all processes
    /// where the environment names it. The emulator's settings change what it compiles, unseen by the cache, so that a test that has some has its
    /// own.
    /// </summary>
    /// <param name="own">The test's own folder.</param>
    /// <param name="isPlain">Whether the machine has no settings of its own.</param>
    public static string KernelFolder(TemporaryFolder own, bool isPlain) => !IsRealGpu
        ? (isPlain ? s_common.Value.Path : own.Path)
        : Environment.GetEnvironmentVariable(KernelCache.FolderVariable) is { Length: > 0 } chosen
            ? Path.Combine(chosen, "tests")
            : s_common.Value.Path;

    /// <summary>Skips a test that plants faults, or asks the emulator what it saw.</summary>
    public static void RequireEmulator()
    {
        Assert.SkipWhen(IsRealGpu, $"This test needs the emulator, and {Variable}={s_value}.");
        Assert.SkipUnless(CudaEmulator.IsAvailable, CudaEmulator.Unavailable);
    }

    /// <summary>
    /// Skips a test that a machine with these settings of the emulator is pretended for, unless the real GPU has what they ask for.
    /// </summary>
    public static void RequireSettings(params ReadOnlySpan<(string Name, string Value)> settings)
    {
        foreach (var (name, value) in settings)
        {
            // A GPU always defers its work, and compute-sanitizer checks all accesses.
            if (name != "DEFERRED" && !(name == "CHECK" && (value == "0" || s_value == "watched-gpu")))
                RequireEmulator();
        }

        if (!IsRealGpu)
            RequireEmulator();
    }

    /// <summary>Nothing was found by the checker. Of a watched GPU compute-sanitizer's own exit code tells.</summary>
    public static void AssertNothingReported()
    {
        if (!IsRealGpu)
            Assert.Equal("", CudaEmulator.Reports);
    }

    /// <summary>Forgets the settings and failures of the test before.</summary>
    public static void Reset()
    {
        if (!IsRealGpu)
            CudaEmulator.Reset();
    }
}
