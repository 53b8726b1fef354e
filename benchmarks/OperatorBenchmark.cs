using System.Globalization;
using GptGen.Models;

namespace GptGen.Benchmarks;

/// <summary>A training step of a model of the zoo, by operator.</summary>
internal static class OperatorBenchmark
{
    private const int Runs = 9;

    /// <summary>Prints one table; the arguments are the model, sequences, tokens of each, and the number of threads.</summary>
    public static int Run(string model, string sequences, string length, string[] rest)
    {
        using var device = new CpuDevice(rest.Length > 0 ? Number(rest[0]) : Environment.ProcessorCount);
        using var trained = Zoo.Find(model).Create(device);
        trained.Initialize(1);
        using var batch = new RandomBatch(trained, Number(sequences), Number(length));
        using var graph = batch.CreateGraph(trained);
        var table = OperatorTable.Measure(device, Runs, () =>
        {
            batch.Set(graph);
            graph.Forward();
            graph.Backward(accumulate: false);
        });
        table.Print($"{model}, {sequences} x {length} tokens, forward and backward, {device.Threads} threads, middle of {Runs} runs");
        return 0;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
