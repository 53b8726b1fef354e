using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using GptGen.Runtime.Tests;
using Xunit;

namespace GptGen.Models.Tests.Hosting;

/// <summary>
/// Processes in which gptgen runs many times, because a process of its own spends most of a short run on compiling. A test that is about the process
/// itself, its signals, its environment, its end, starts one.
/// </summary>
internal sealed class HostedProgram : IDisposable
{
    /// <summary>Runs after which a process makes room for a fresh one, so that what runs leave behind does not add up.</summary>
    private const int MostRuns = 60;

    private static readonly ConcurrentBag<HostedProgram> s_idle = [];

    private readonly TemporaryFolder folder = new();
    private readonly Process process;
    private int runs;

    static HostedProgram() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        while (s_idle.TryTake(out var idle))
            idle.Dispose();
    };

    private HostedProgram()
    {
        var start = CommandLine.StartInfo();
        start.RedirectStandardInput = true;
        start.RedirectStandardError = false;
        // These live long enough for methods to pay that are compiled a second time.
        start.Environment.Remove(ShortRun.CountingDelay);
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(HostedProgram).Assembly.Location;
        process = Process.Start(start)!;
    }

    /// <summary>Runs the program to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">How long it may take.</param>
    public static CommandResult Run(string[] arguments, TimeSpan limit)
    {
        var host = s_idle.TryTake(out var idle) ? idle : new();
        CommandResult result;
        try
        {
            result = host.Ask(arguments, limit);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        if (host.runs < MostRuns)
            s_idle.Add(host);
        else
            host.Dispose();
        return result;
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
        folder.Dispose();
    }

    private CommandResult Ask(string[] arguments, TimeSpan limit)
    {
        runs++;
        var request = new HostRequest(folder.File("output"), folder.File("error"), arguments);
        process.StandardInput.WriteLine(request.Line);
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLineAsync();
        if (!answer.Wait(limit))
            Assert.Fail($"gptgen {string.Join(' ', arguments)} ran longer than {limit}.");
        var error = File.ReadAllText(request.ErrorPath);
        Assert.True(answer.Result is not null, $"gptgen {string.Join(' ', arguments)} ended its process: {error}");
        return new(int.Parse(answer.Result, CultureInfo.InvariantCulture), File.ReadAllText(request.OutputPath), error);
    }
}
