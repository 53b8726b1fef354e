using System.Diagnostics;

namespace GptGen.Benchmarks;

/// <summary>The fastest and the middle of several runs, in seconds.</summary>
internal readonly record struct Timing(double Minimum, double Median)
{
    /// <summary>Of runs in any order.</summary>
    public static Timing Of(double[] seconds)
    {
        var sorted = seconds.Order().ToArray();
        return new Timing(sorted[0], sorted[sorted.Length / 2]);
    }

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

        return Of(seconds);
    }
}
