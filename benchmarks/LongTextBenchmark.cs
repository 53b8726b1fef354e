using System.Diagnostics;
using System.Globalization;
using GptGen.Models;

namespace GptGen.Benchmarks;

/// <summary>
/// Writing with a Transformer-XL at the beginning of a text and far behind it, in turn: a token sees as many rows as the memory holds, and costs the
/// same from there on.
/// </summary>
internal static class LongTextBenchmark
{
    private const int Rounds = 24;
    private const int TokensOfRound = 8;

    /// <summary>Runs the table; the argument is the number of threads.</summary>
    public static int Run(string[] arguments)
    {
        int threads = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        using var device = new CpuDevice(threads);
        using var model = TransformerXLMini4K.Create(device);
        model.Initialize(1);
        int[] positions = [100, 1_000, 10_000];
        Console.WriteLine(
            $"{threads} threads; milliseconds of a token: fastest / middle of {Rounds} rounds of {TokensOfRound}, the positions in turn");
        Console.WriteLine(
            $"{"memory",8}{string.Concat(positions.Select(static position => $"{$"at {position:N0}",18}"))}{"last/first",12}{"read, tokens/s",16}");
        foreach (int memory in new[] { 64, 256, 1024 })
            Show(model, memory, positions);
        return 0;
    }

    private static void Show(SegmentModel model, int memory, int[] positions)
    {
        var random = new Random(1);
        int vocabulary = model.Description.Vocabulary;
        int[] text = [.. Enumerable.Range(0, positions[^1]).Select(_ => random.Next(vocabulary))];
        SegmentInferenceGraph[] graphs = [.. positions.Select(_ => model.CreateInference(1, memory + 1))];
        var seconds = new double[positions.Length][];
        double reading = 0;
        for (int place = 0; place < positions.Length; place++)
        {
            seconds[place] = new double[Rounds];
            reading = Seconds(() => graphs[place].Prefill(positions[place], text.AsSpan(0, positions[place]), [positions[place]], [0]));
        }

        // The first round warms up.
        for (int round = -1; round < Rounds; round++)
        {
            for (int place = 0; place < positions.Length; place++)
            {
                SegmentInferenceGraph graph = graphs[place];
                double taken = Seconds(() =>
                {
                    for (int count = 0; count < TokensOfRound; count++)
                        graph.Decode([random.Next(vocabulary)], [graph.PositionsOf(0)], [0]);
                });
                if (round >= 0)
                    seconds[place][round] = taken / TokensOfRound;
            }
        }

        Timing[] timings = Array.ConvertAll(seconds, Timing.Of);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{memory,8}{string.Concat(timings.Select(static timing => string.Create(
                CultureInfo.InvariantCulture, $"{timing.Minimum * 1e3,10:f3}{timing.Median * 1e3,8:f3}")))}"
            + $"{timings[^1].Median / timings[0].Median,12:f2}{positions[^1] / reading,16:f0}"));
        Array.ForEach(graphs, static graph => graph.Dispose());
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
