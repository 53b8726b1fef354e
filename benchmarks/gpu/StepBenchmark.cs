using System.Diagnostics;
using System.Globalization;
using GptGen.Models;

namespace GptGen.Benchmarks.Gpu;

/// <summary>A training step, phase by phase, and many in a row as a training runs them.</summary>
internal static class StepBenchmark
{
    private const int Runs = 12;
    private const int Warmups = 3;

    private static readonly string[] s_phases = ["set batch", "forward", "backward", "gradient norm", "AdamW"];

    /// <summary>Prints one table.</summary>
    public static int Run(ZooEntry entry, int sequences, int length, GpuPrecision precision)
    {
        var opened = Stopwatch.GetTimestamp();
        using var device = new CudaDevice(0, precision);
        using var model = entry.Create(device);
        model.Initialize(1);
        var description = model.Description;
        var count = description.TrainedElements;
        using var batch = new RandomBatch(model, sequences, length);
        using var graph = batch.CreateGraph(model);
        using Arena first = device.Allocate(BufferRole.Moment, count), second = device.Allocate(BufferRole.Moment, count);
        using var statistics = device.Allocate(BufferRole.Statistic, 1);
        var norm = new Statistics(statistics.At(0), 1);
        using var timer = new GpuTimer(device.Stream, s_phases.Length);
        var done = 0;

        void Step()
        {
            timer.Mark(0);
            batch.Set(graph);
            timer.Mark(1);
            graph.Forward();
            timer.Mark(2);
            graph.Backward(accumulate: false);
            timer.Mark(3);
            device.GradientNorm(graph.Gradients, count, norm);
            timer.Mark(4);
            device.AdamW(
                model.Parameters, graph.Gradients, first, second, norm,
                new(count, description.DecayedElements, done++, 1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f, 1f));
            timer.Mark(5);
        }

        var seconds = new double[s_phases.Length + 1, Runs];
        for (var run = -Warmups; run < Runs; run++)
        {
            Step();
            timer.Wait();
            if (run == -Warmups)
                Print($"first step done {Stopwatch.GetElapsedTime(opened).TotalSeconds:f2} s after the device was opened");
            for (var phase = 0; run >= 0 && phase <= s_phases.Length; phase++)
                seconds[phase, run] = phase < s_phases.Length ? timer.Seconds(phase, phase + 1) : timer.Seconds(0, phase);
        }

        Console.WriteLine(
            $"{entry.Name}, {sequences} x {length} tokens, {Precisions.NameOf(precision)}, {device.GpuName}, {Runs} steps; ms by events: "
            + "fastest / middle");
        for (var phase = 0; phase < s_phases.Length; phase++)
            Console.WriteLine(Line(s_phases[phase], Timing.Of(Row(seconds, phase))));
        var whole = Timing.Of(Row(seconds, s_phases.Length));
        Console.WriteLine(Line("step", whole));

        // Without a wait between steps the host runs ahead; where this is faster than the events say, the host was the brake.
        var start = Stopwatch.GetTimestamp();
        for (var run = 0; run < Runs; run++)
            Step();
        device.Synchronize();
        var streamed = Stopwatch.GetElapsedTime(start).TotalSeconds / Runs;
        Print($"{"steps in a row, by the wall",-28}{1e3 * streamed,10:f2}");
        var step = Math.Min(whole.Median, streamed);
        if (model is LanguageModel)
            Rates(device.GpuName, precision, sequences * length, description.TrainingFlopsPerToken(length), step);
        else
            Print($"{sequences * length / step:f0} tokens/s");
        var loss = graph.ReadLoss();
        var (free, total) = device.Stream.Context.Memory("a timing");
        Print($"loss after {done} steps {loss:f4}; {(total - free) / 1e9:f2} GB of {total / 1e9:f2} in use");
        return double.IsFinite(loss) ? 0 : 1;
    }

    private static void Rates(string gpuName, GpuPrecision precision, int tokens, double flopsPerToken, double seconds)
    {
        var rate = tokens * flopsPerToken / seconds / 1e12;
        var share = Peaks.Of(gpuName, precision) is { } peak
            ? string.Create(CultureInfo.InvariantCulture, $"MFU {100 * rate / peak:f1} % of {peak} TFLOP/s")
            : "the peak of this GPU is not known here";
        Print($"{tokens / seconds:f0} tokens/s, {tokens * flopsPerToken / 1e12:f3} TFLOP a step, {rate:f1} TFLOP/s, {share}");
    }

    private static double[] Row(double[,] table, int row) => [.. Enumerable.Range(0, table.GetLength(1)).Select(column => table[row, column])];

    private static string Line(string name, Timing timing) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-28}{1e3 * timing.Minimum,10:f2}{1e3 * timing.Median,10:f2}");

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
