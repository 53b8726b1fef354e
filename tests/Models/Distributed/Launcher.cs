using System.Diagnostics;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Starts programs by the launchers of both MPI libraries, with few words between.</summary>
internal static class Launcher
{
    public const string OpenMpi = "mpirun.openmpi";
    public const string Mpich = "mpiexec.hydra";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>Skips the test where a launcher is not installed, and says so.</summary>
    public static void Require(params ReadOnlySpan<string> launchers)
    {
        foreach (var launcher in launchers)
        {
            Assert.SkipUnless(
                File.Exists($"/usr/bin/{launcher}"),
                $"{launcher} is not installed (apt-get install openmpi-bin mpich): several processes are not tested.");
        }
    }

    /// <summary>The words that start some processes of a program.</summary>
    public static string[] Words(string launcher, int ranks, params string[] program) => launcher == OpenMpi
        ? [launcher, "--oversubscribe", "-n", $"{ranks}", .. program]
        : [launcher, "-n", $"{ranks}", .. program];

    /// <summary>Runs <c>gptgen</c> as several processes.</summary>
    public static CommandResult Run(string launcher, int ranks, params string[] arguments) =>
        Run(Words(launcher, ranks, [.. CommandLine.Program, .. arguments]));

    /// <summary>The same, which must succeed.</summary>
    public static string Succeed(string launcher, int ranks, params string[] arguments)
    {
        var result = Run(launcher, ranks, arguments);
        Assert.True(result.ExitCode == 0, $"{launcher} ended with {result.ExitCode}: {result.Error}{result.Output}");
        return result.Output;
    }

    /// <summary>Runs words to their end; variables are set in the program's environment.</summary>
    public static CommandResult Run(string[] words, Action<Process>? meanwhile = null, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        meanwhile?.Invoke(process);
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{string.Join(' ', words)} ran longer than {s_limit}.");
        }

        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>The only error line among what the processes and their launcher wrote.</summary>
    public static string Error(CommandResult result)
    {
        Assert.NotEqual(0, result.ExitCode);
        // Open MPI hands both streams on where it likes, and a second process may be as fast as the first.
        return $"{result.Error}\n{result.Output}".Split('\n').Where(static line => line.StartsWith("error: ", StringComparison.Ordinal)).Order()
            .First();
    }

    /// <summary>The processes that a launcher started, in the order of their ranks.</summary>
    public static IReadOnlyList<int> RanksOf(Process launcher, string marker)
    {
        var found = new List<(int Rank, int Id)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id) || id == launcher.Id)
                continue;
            try
            {
                if (!File.ReadAllText($"{folder}/cmdline").Contains(marker, StringComparison.Ordinal))
                    continue;
                var rank = File.ReadAllText($"{folder}/environ").Split('\0').FirstOrDefault(static variable =>
                    variable.StartsWith("OMPI_COMM_WORLD_RANK=", StringComparison.Ordinal)
                    || variable.StartsWith("PMI_RANK=", StringComparison.Ordinal) || variable.StartsWith("PMIX_RANK=", StringComparison.Ordinal));
                if (rank is not null)
                    found.Add((int.Parse(rank.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture), id));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
            }
        }

        return [.. found.Order().Select(static entry => entry.Id)];
    }
}
