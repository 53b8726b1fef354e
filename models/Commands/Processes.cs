using System.CommandLine;
using GptGen.Distributed;

namespace GptGen.Models.Commands;

/// <summary>
/// The processes that mpirun, srun or torchrun started this one among. The first one speaks and writes; each can fail, and the first to say why ends
/// all.
/// </summary>
internal static class Processes
{
    /// <summary>What differs where command lines do, for messages.</summary>
    internal const string Options = "options (or another version of the program)";

    /// <summary>How long a process lets the first one say the same, which then ends all: most failures come to all.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>How long it lets each other one before it.</summary>
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(100);

    private const int MostTurns = 20;

    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(20);

    private static Communicator? s_others;

    /// <summary>Whether this process speaks and writes: alone, or the first.</summary>
    internal static bool IsFirst => s_others.IsFirstOrAlone();

    /// <summary>Whether a launcher started this process as one of several, whose output goes through it.</summary>
    internal static bool IsLaunched => TryFind() is not null;

    /// <summary>
    /// Open MPI gives each process a terminal, and .NET's console would begin by setting it up, with signs that end in files. To be called before
    /// the console is used.
    /// </summary>
    internal static void UsePlainTerminal()
    {
        if (IsLaunched)
            Environment.SetEnvironmentVariable("TERM", "dumb");
    }

    /// <summary>Finds the others; null where this process is alone. From here on only the first one is heard.</summary>
    /// <exception cref="GptGenException">MPI's library is missing, or is another one than the launcher's.</exception>
    internal static Communicator? Start()
    {
        s_others = Communicator.Start();
        if (!IsFirst)
            Screen.Silence();
        return s_others;
    }

    /// <summary>Ends the work of all processes where one of them is asked to stop.</summary>
    /// <param name="others">The processes; null for one.</param>
    /// <param name="wasInterrupted">Whether all know already that they are to stop.</param>
    /// <param name="cancellation">Asks this process to stop.</param>
    /// <exception cref="OperationCanceledException">One was asked.</exception>
    internal static void ThrowIfStopped(Communicator? others, bool wasInterrupted, CancellationToken cancellation)
    {
        if (wasInterrupted || (others?.Any(cancellation.IsCancellationRequested) ?? cancellation.IsCancellationRequested))
            throw new OperationCanceledException();
    }

    /// <summary>Refuses processes that were started to do other work than the first one.</summary>
    /// <param name="others">The processes; null for one.</param>
    /// <param name="result">The command line.</param>
    /// <param name="device">Where this process computes.</param>
    /// <param name="facts">What it has read; the number is worked out where there are several alone.</param>
    /// <exception cref="GptGenException">A process has something else; all say the same.</exception>
    internal static void RequireAlike(
        Communicator? others, ParseResult result, Device device, params (string What, Func<double> Number)[] facts)
    {
        if (others is null)
            return;
        var words = result.Tokens.Aggregate(new Fingerprint(), static (all, token) => all.Add(token.Value));
        Agreement.Require(others, [(Options, words.Add(Identity(device)).Number), .. facts.Select(static fact => (fact.What, fact.Number()))]);
    }

    /// <summary>What computes, which must be of one kind.</summary>
    internal static string Identity(Device device) =>
        string.Join(' ', device.Name, DeviceOptions.PrecisionOf(device), typeof(Processes).Assembly.GetName().Version);

    /// <summary>Who speaks, where there are several: "rank 3 of 8 on HOST: ".</summary>
    internal static string Prefix =>
        s_others is { } others ? $"{RankText.Of(others)}: "
        : TryFind() is { } launch ? $"{RankText.Of(launch, Environment.MachineName)}: "
        : "";

    /// <summary>Lets those before this process say why they fail, which ends this one too.</summary>
    internal static void AwaitTurn()
    {
        if (TryFind() is not { Rank: > 0 and var rank })
            return;
        var end = Environment.TickCount64 + (long)(s_patience + s_turn * Math.Min(rank, MostTurns)).TotalMilliseconds;
        while (Environment.TickCount64 < end)
        {
            // Where no launcher ends this process, it learns so that it has to.
            _ = s_others?.Fault();
            Thread.Sleep(s_glance);
        }
    }

    /// <summary>Ends all processes, as this one failed: those who wait for it would wait for ever.</summary>
    internal static void Abort(int code) => s_others?.Abort(code);

    /// <summary>Leaves the others when all is done.</summary>
    internal static void Finish() => s_others?.Dispose();

    private static Launch? TryFind()
    {
        try
        {
            return Launch.Current();
        }
        catch (GptGenException)
        {
            return null;
        }
    }
}
