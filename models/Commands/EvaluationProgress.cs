using System.Diagnostics;

namespace GptGen.Models.Commands;

/// <summary>How far an evaluation is, on standard error: on a terminal one line that changes, in a file or a pipe a line now and then.</summary>
/// <param name="unit">What is counted.</param>
/// <param name="total">How many there are.</param>
internal sealed class EvaluationProgress(string unit, long total)
{
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly double interval = Console.IsErrorRedirected ? 10 : 0.2;
    private double shown;
    private int width;

    /// <summary>Tells how far it is.</summary>
    internal void Show(long done, Func<string> measure)
    {
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (elapsed - shown < interval)
            return;
        shown = elapsed;
        var text = FormattableString.Invariant(
            $"{done}/{total} {unit}  {measure()}  {done / elapsed:N1} {unit}/s  {TrainingDisplay.Duration(elapsed / done * (total - done))} left");
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(text);
            return;
        }

        Console.Error.Write("\r" + text.PadRight(width));
        width = text.Length;
    }

    /// <summary>Takes the line away.</summary>
    internal void End()
    {
        if (width > 0)
            Console.Error.Write("\r" + new string(' ', width) + "\r");
    }
}
