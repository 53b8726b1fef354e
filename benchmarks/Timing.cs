using System.Diagnostics;

namespace GptGen.Benchmarks;

/// <summary>The fastest and the middle of several runs, in seconds.</summary>
internal readonly record struct Timing(double Minimum, double Median)
{
    /// <summary>Runs the action once to warm up, then <paramref name="runs"/> times.</summary>
    public static Timing Measure(Action action, int runs)
    {
        action();
        var seconds = new double[runs];
        for (int run = 0; run < runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return new Timing(seconds[0], seconds[runs / 2]);
    }
}
