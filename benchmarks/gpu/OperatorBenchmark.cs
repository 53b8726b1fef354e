using GptGen.Cuda.Driver;
using GptGen.Models;

namespace GptGen.Benchmarks.Gpu;

/// <summary>
/// A training step by operator. The marks between operators cost microseconds each, so that the whole is a little slower than a step.
/// </summary>
internal static class OperatorBenchmark
{
    private const string Operation = "a timing";
    private const int Runs = 7;

    /// <summary>Prints one table.</summary>
    public static int Run(ZooEntry entry, int sequences, int length, GpuPrecision precision)
    {
        using var device = new CudaDevice(0, precision);
        using var model = entry.Create(device);
        model.Initialize(1);
        var description = model.Description;
        using var batch = new RandomBatch(model, sequences, length);
        using var graph = batch.CreateGraph(model);
        using Arena first = device.Allocate(BufferRole.Moment, description.TrainedElements);
        using Arena second = device.Allocate(BufferRole.Moment, description.TrainedElements);
        using var statistics = device.Allocate(BufferRole.Statistic, 1);
        var norm = new Statistics(statistics.At(0), 1);
        var marks = new List<GpuEvent>();
        var names = new List<string>();
        device.Observer = Mark;
        var table = new OperatorTable();
        for (var run = -2; run < Runs; run++)
        {
            names.Clear();
            batch.Set(graph);
            graph.Forward();
            graph.Backward(accumulate: false);
            device.GradientNorm(graph.Gradients, description.TrainedElements, norm);
            device.AdamW(
                model.Parameters, graph.Gradients, first, second, norm,
                new(description.TrainedElements, description.DecayedElements, run + 2, 1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f, 1f));
            Mark("end");
            marks[names.Count - 1].Synchronize(Operation);
            if (run >= 0)
                table.Add(names.SkipLast(1).Select((name, index) => (name, marks[index + 1].MillisecondsSince(marks[index]) / 1e3)));
        }

        device.Observer = null;
        table.Print($"{entry.Name}, {sequences} x {length} tokens, {Precisions.NameOf(precision)}, {device.GpuName}, middle of {Runs} steps");
        foreach (var mark in marks)
            mark.Dispose();
        return 0;

        void Mark(string name)
        {
            if (marks.Count == names.Count)
                marks.Add(GpuEvent.Create(device.Stream.Context, timed: true));
            device.Stream.Record(marks[names.Count], Operation);
            names.Add(name);
        }
    }
}
