using System.Diagnostics;
using GptGen.Models.Tests.Hosting;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What one run of the program gave.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>
/// Runs the gptgen program as a user would: the one built beside the tests, or the one that the environment variable GPTGEN_PROGRAM names, so
/// that the same tests hold for a natively compiled file. What is built beside them runs in processes that stay, where the run is
/// all that a test asks for.
/// </summary>
internal static class CommandLine
{
    private const string ProgramVariable = "GPTGEN_PROGRAM";

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(4);

    /// <summary>Runs the program to its end.</summary>
    public static CommandResult Run(params string[] arguments)
    {
        if (IsBuiltBeside && !OperatingSystem.IsWindows())
            return HostedProgram.Run(arguments, TimeLimit);
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeLimit))
        {
            process.Kill();
            Assert.Fail($"gptgen {string.Join(' ', arguments)} ran longer than {TimeLimit}.");
        }

        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Runs the program, which must succeed, and gives its output.</summary>
    public static string Succeed(params string[] arguments)
    {
        var result = Run(arguments);
        Assert.True(result.ExitCode == 0, $"gptgen {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}");
        return result.Output;
    }

    /// <summary>Runs the program, which must fail with one clear line besides its notes, and gives that line.</summary>
    public static string Fail(params string[] arguments)
    {
        var result = Run(arguments);
        Assert.NotEqual(0, result.ExitCode);
        var line = Assert.Single(
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => !line.StartsWith("note: ", StringComparison.Ordinal));
        Assert.StartsWith("error: ", line);
        MessageOptions.Check(arguments, line);
        return line;
    }

    /// <summary>Starts the program and kills it, with no chance to clean up, as soon as <paramref name="path"/> exists.</summary>
    public static void KillOnce(string path, params string[] arguments)
    {
        KillWhen(() => File.Exists(path), arguments);
        Assert.True(File.Exists(path));
    }

    /// <summary>Starts the program and kills it, with no chance to clean up, as soon as something holds.</summary>
    public static void KillWhen(Func<bool> condition, params string[] arguments)
    {
        using var process = Start(arguments);
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        Await(condition, process);
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Starts the program, presses Ctrl-C as soon as something holds, and gives how it ended.</summary>
    public static CommandResult InterruptOnce(Func<bool> condition, params string[] arguments) => SignalOnce("INT", condition, arguments);

    /// <summary>Runs a script of bash in which <c>"$@"</c> is the program with its arguments.</summary>
    public static CommandResult Shell(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", script, "gptgen", .. Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeLimit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{script}' with {string.Join(' ', arguments)} ran longer than {TimeLimit}.");
        }

        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>
    /// Starts the program, sends it a signal as soon as something holds, and gives how it ended. Standard input is a pipe that stays open and empty.
    /// </summary>
    public static CommandResult SignalOnce(string signal, Func<bool> condition, params string[] arguments)
    {
        using var process = Start(arguments, keepsInput: true);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        Await(condition, process);
        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            kill.WaitForExit();
        if (!process.WaitForExit(TimeLimit))
        {
            process.Kill();
            Assert.Fail($"The interrupted run did not end within {TimeLimit}.");
        }

        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>The program and what goes before its own arguments.</summary>
    public static string[] Program => IsBuiltBeside
        ? ["dotnet", Path.Combine(AppContext.BaseDirectory, "gptgen.dll")]
        : [Environment.GetEnvironmentVariable(ProgramVariable)!];

    private static bool IsBuiltBeside => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ProgramVariable));

    private static void Await(Func<bool> condition, Process process)
    {
        var watch = Stopwatch.StartNew();
        while (!condition() && !process.HasExited && watch.Elapsed < TimeLimit)
            Thread.Sleep(1);
        Assert.False(process.HasExited, "The run ended before it could be stopped.");
    }

    /// <summary>Starts the program; what it writes is the caller's to read.</summary>
    public static Process Start(string[] arguments, bool keepsInput = false)
    {
        var start = StartInfo(arguments);
        start.RedirectStandardInput = keepsInput;
        return Process.Start(start)!;
    }

    /// <summary>How the program starts where its output is read.</summary>
    public static ProcessStartInfo StartInfo(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program[0], [.. Program[1..], .. arguments]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        ShortRun.Prepare(start);
        return start;
    }
}
