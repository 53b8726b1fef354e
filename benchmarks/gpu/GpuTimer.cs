using GptGen.Cuda.Driver;

namespace GptGen.Benchmarks.Gpu;

/// <summary>Marks in a stream and the time between them, by the GPU's own clock.</summary>
internal sealed class GpuTimer : IDisposable
{
    private const string Operation = "a timing";

    private readonly GpuStream stream;
    private readonly GpuEvent[] marks;

    /// <summary>Makes marks 0 to <paramref name="phases"/>, one more than there are phases.</summary>
    public GpuTimer(GpuStream stream, int phases)
    {
        this.stream = stream;
        marks = [.. Enumerable.Range(0, phases + 1).Select(_ => GpuEvent.Create(stream.Context, timed: true))];
    }

    /// <summary>Marks this point of the stream.</summary>
    public void Mark(int index) => stream.Record(marks[index], Operation);

    /// <summary>Waits for the last mark.</summary>
    public void Wait() => marks[^1].Synchronize(Operation);

    /// <summary>Seconds between two marks that are done.</summary>
    public double Seconds(int from, int to) => marks[to].MillisecondsSince(marks[from]) / 1e3;

    /// <summary>Runs an action some times, first <paramref name="warmups"/> times unmeasured.</summary>
    public static Timing Measure(GpuStream stream, Action action, int runs, int warmups = 2)
    {
        using var timer = new GpuTimer(stream, 1);
        var seconds = new double[runs];
        for (var run = -warmups; run < runs; run++)
        {
            timer.Mark(0);
            action();
            timer.Mark(1);
            timer.Wait();
            if (run >= 0)
                seconds[run] = timer.Seconds(0, 1);
        }

        return Timing.Of(seconds);
    }

    public void Dispose()
    {
        foreach (var mark in marks)
            mark.Dispose();
    }
}
