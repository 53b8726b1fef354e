using System.Diagnostics;
using System.Globalization;
using GptGen.Benchmarks;

namespace GptGen.Peer;

/// <summary>Both sides on each workload, in turn, so that what disturbs the machine disturbs both.</summary>
internal static class Duel
{
    /// <summary>Long enough for the other side's threads to fall asleep.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static int Run(string[] arguments)
    {
        var threads = 2;
        var runs = 12;
        var busy = false;
        List<PeerCase> cases = [];
        foreach (var argument in arguments)
        {
            if (argument.StartsWith("threads=", StringComparison.Ordinal))
                threads = int.Parse(argument.AsSpan(8), CultureInfo.InvariantCulture);
            else if (argument.StartsWith("runs=", StringComparison.Ordinal))
                runs = int.Parse(argument.AsSpan(5), CultureInfo.InvariantCulture);
            else if (argument == "busy")
                busy = true;
            else if (PeerCase.All.FirstOrDefault(work => work.Name == argument) is { } work)
                cases.Add(work);
            else
                return Usage(argument);
        }

        Console.WriteLine(
            $"f32, {threads} threads, {runs} runs of each side in turn{(busy ? ", another process keeps one core busy" : "")}; seconds: "
            + "fastest / middle");
        Console.WriteLine($"{"work",-22}{"GptGen",9}{"",9}{"PyTorch",9}{"",9}{"ratio",8}{"",8}{"GB",7}{"GB",7}   results");
        using var neighbour = busy ? Neighbour.Start() : null;
        foreach (var work in cases.Count > 0 ? cases : [.. PeerCase.All])
            Compare(work, threads, runs);
        return 0;
    }

    private static void Compare(PeerCase work, int threads, int runs)
    {
        using var ours = Worker.Start("gptgen", work, threads);
        using var theirs = Worker.Start("pytorch", work, threads);
        var (ourSeconds, theirSeconds) = (new double[runs], new double[runs]);
        for (var run = 0; run < runs; run++)
        {
            Thread.Sleep(Pause);
            ourSeconds[run] = ours.Time();
            Thread.Sleep(Pause);
            theirSeconds[run] = theirs.Time();
        }

        var (our, their) = (Timing.Of(ourSeconds), Timing.Of(theirSeconds));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{work.Name,-22}{our.Minimum,9:f4}{our.Median,9:f4}{their.Minimum,9:f4}{their.Median,9:f4}{our.Minimum / their.Minimum,8:f3}"
            + $"{our.Median / their.Median,8:f3}{ours.PeakMemory / 1e9,7:f2}{theirs.PeakMemory / 1e9,7:f2}   {ours.Result:g7} {theirs.Result:g7}"));
        if (Math.Abs(ours.Result - theirs.Result) > 1e-3 * Math.Abs(theirs.Result))
            Console.WriteLine("  The results differ: the sides do not compute the same.");
    }

    private static int Usage(string argument)
    {
        Console.Error.WriteLine($"'{argument}' is not known.");
        Console.Error.WriteLine($"usage: peer [threads=N] [runs=N] [busy] [{string.Join("|", PeerCase.All.Select(work => work.Name))}]…");
        return 1;
    }
}

/// <summary>Another process that wants a core all the time.</summary>
internal sealed class Neighbour(Process process) : IDisposable
{
    public static Neighbour Start() => new(Process.Start(new ProcessStartInfo("sh") { ArgumentList = { "-c", "while :; do :; done" } })!);

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }
}
