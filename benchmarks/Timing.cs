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

    /// <summary>Runs two actions once to warm up, then <paramref name="runs"/> times in turn, so that both meet the same machine.</summary>
    public static (Timing First, Timing Second) InTurn(Action first, Action second, int runs)
    {
        Action[] actions = [first, second];
        double[][] seconds = [new double[runs], new double[runs]];
        for (int run = -1; run < runs; run++)
        {
            for (int index = 0; index < actions.Length; index++)
            {
                long start = Stopwatch.GetTimestamp();
                actions[index]();
                if (run >= 0)
                    seconds[index][run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        return (Of(seconds[0]), Of(seconds[1]));
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
