namespace GptGen.Models.Commands;

/// <summary>Says on standard error what a command is at, and for how long, when that takes more than a moment and shows nothing else.</summary>
internal sealed class Waiting : IDisposable
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);

    private readonly ProgressLine line = new();
    private readonly Timer timer;
    private bool isOver;

    private Waiting(string doing)
    {
        timer = new(_ =>
        {
            lock (line)
            {
                if (!isOver)
                    line.Show(() => $"{doing} … {TrainingDisplay.Duration(line.Elapsed)}");
            }
        });
        timer.Change(s_beat, s_beat);
    }

    /// <summary>Does some work.</summary>
    /// <param name="doing">What it is, as "reading the weights".</param>
    /// <param name="work">The work.</param>
    internal static T For<T>(string doing, Func<T> work)
    {
        using var waiting = new Waiting(doing);
        return work();
    }

    /// <summary>Does some work without a result.</summary>
    internal static void For(string doing, Action work)
    {
        using var waiting = new Waiting(doing);
        work();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        timer.Dispose();
        lock (line)
        {
            isOver = true;
            line.End();
        }
    }
}
