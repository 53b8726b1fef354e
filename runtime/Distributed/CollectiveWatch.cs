using System.Globalization;

namespace GptGen.Distributed;

/// <summary>
/// Ends a process whose call to the others does not come back: no MPI notices a cable that is cut or a process that hangs, and all would wait for
/// ever.
/// </summary>
internal sealed class CollectiveWatch : IDisposable
{
    /// <summary>The variable with the seconds that a collective call may take; 0 for any time.</summary>
    internal const string Variable = "GPTGEN_COLLECTIVE_TIMEOUT";

    /// <summary>
    /// How many times as long the others wait for rank 0 where that may be at a large file, of which they hear nothing: a checkpoint takes minutes.
    /// </summary>
    internal const int PatienceForFiles = 10;

    private const double DefaultSeconds = 600;

    private readonly Timer? timer;
    private readonly Action<string> end;
    private readonly Func<string?>? fault;
    private readonly double limit;
    private long began;
    private string call = "";
    private int patience = 1;

    /// <summary>Begins to watch.</summary>
    /// <param name="end">Ends the process, with what is to be said.</param>
    /// <param name="fault">What an engine that notices others' ends says while a call waits; null for none, and where it has nothing to say.</param>
    /// <exception cref="GptGenException">The variable is no number of seconds.</exception>
    internal CollectiveWatch(Action<string> end, Func<string?>? fault = null)
    {
        (this.end, this.fault) = (end, fault);
        limit = Seconds;
        if (limit > 0 || fault is not null)
        {
            var period = TimeSpan.FromSeconds(limit > 0 ? Math.Clamp(limit / 4, 0.05, 1) : 1);
            timer = new(static state => ((CollectiveWatch)state!).Look(), this, period, period);
        }
    }

    /// <summary>The seconds that a call may take; 0 for any time.</summary>
    /// <exception cref="GptGenException">The variable is no number of seconds.</exception>
    internal static double Seconds => Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>A call to the others begins.</summary>
    /// <param name="name">The call.</param>
    /// <param name="patience">How many times as long as another one it may take.</param>
    internal void Begin(string name, int patience = 1)
    {
        (call, this.patience) = (name, patience);
        Volatile.Write(ref began, Environment.TickCount64);
    }

    /// <summary>It came back.</summary>
    internal void End() => Volatile.Write(ref began, 0);

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose();

    private static double Parse(string? text) =>
        string.IsNullOrEmpty(text) ? DefaultSeconds
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 && double.IsFinite(number) ? number
        : throw new GptGenException($"{Variable} is '{text}', but must be a number of seconds, or 0 to wait for ever.");

    private void Look()
    {
        if (Volatile.Read(ref began) is not (not 0 and var since))
            return;
        if (fault?.Invoke() is { } problem)
            end($"{call} failed: {problem}");
        else if (limit > 0 && Environment.TickCount64 - since > limit * patience * 1000)
        {
            var (whom, what, slow) = patience > 1
                ? ("rank 0", "it is at a file, hangs", "files")
                : ("the other processes", "one of them hangs", "steps");
            end(
                FormattableString.Invariant($"waited {limit * patience:0.##} s for {whom} in {call}: {what} or cannot be reached. ")
                + $"Start the run again from its last checkpoint; where {slow} take longer than that, set {Variable} to more seconds.");
        }
    }
}
