using System.Diagnostics;

namespace GptGen.Models.Commands;

/// <summary>How far long work is, on standard error: on a terminal one line that changes, in a file or a pipe a line now and then.</summary>
internal sealed class ProgressLine
{
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly double interval = Console.IsErrorRedirected ? 10 : 0.2;
    private double shown;
    private int width;

    /// <summary>Seconds since the work began.</summary>
    internal double Elapsed => Stopwatch.GetElapsedTime(start).TotalSeconds;

    /// <summary>Shows a text if it is time to.</summary>
    internal void Show(Func<string> text)
    {
        // Of several processes the first one speaks.
        if (!Processes.IsFirst || Elapsed - shown < interval)
            return;
        shown = Elapsed;
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(text());
            return;
        }

        var line = text();
        Console.Error.Write("\r" + line.PadRight(width));
        width = line.Length;
    }

    /// <summary>Takes the line away.</summary>
    internal void End()
    {
        if (width > 0)
            Console.Error.Write("\r" + new string(' ', width) + "\r");
        width = 0;
    }
}
