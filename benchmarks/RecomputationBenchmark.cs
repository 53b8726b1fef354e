using System.Diagnostics;
using System.Globalization;

namespace GptGen.Benchmarks;

/// <summary>GPT-2 124M with activations computed anew.</summary>
[Gpt2(Recompute = Recomputation.Activations)]
public sealed partial class Gpt2SmallActivations;

/// <summary>GPT-2 124M with activations and LayerNorms computed anew.</summary>
[Gpt2(Recompute = Recomputation.ActivationsAndLayerNorms)]
public sealed partial class Gpt2SmallLayerNorms;

/// <summary>The forward and backward pass of GPT-2 124M with each choice of what is computed anew, in turn, and its activations' memory.</summary>
internal static class RecomputationBenchmark
{
    private const int Sequences = 4;
    private const int Length = 128;

    /// <summary>Runs the table; the arguments are the number of threads and of runs.</summary>
    public static int Run(string[] arguments)
    {
        int threads = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        int runs = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 15;
        using var device = new CpuDevice(threads);
        LanguageModel[] models = [Gpt2Small.Create(device), Gpt2SmallActivations.Create(device), Gpt2SmallLayerNorms.Create(device)];
        using var batch = new RandomBatch(models[0], Sequences, Length);
        TrainingGraph[] graphs = [.. models.Select(batch.CreateGraph)];
        double[][] seconds = [.. graphs.Select(_ => new double[runs])];
        for (int run = -1; run < runs; run++)
        {
            for (int index = 0; index < graphs.Length; index++)
            {
                if (run < 0)
                    models[index].Initialize(1);
                batch.Set(graphs[index]);
                long start = Stopwatch.GetTimestamp();
                graphs[index].Forward();
                graphs[index].Backward(accumulate: false);
                if (run >= 0)
                    seconds[index][run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        Console.WriteLine($"GPT-2 124M, {Sequences} x {Length} tokens, {threads} threads, {runs} runs of each in turn");
        Console.WriteLine($"{"computed anew",-28}{"activations, MB",16}{"fastest, ms",14}{"middle, ms",14}");
        string[] choices = ["nothing", "activations", "activations and LayerNorms"];
        for (int index = 0; index < graphs.Length; index++)
        {
            double bytes = models[index].Description.TrainingElements(Sequences, Length, device.LogitRows)
                .Where(static part => part.Role == BufferRole.Activation).Sum(static part => (double)part.Elements * sizeof(float));
            var timing = Timing.Of(seconds[index]);
            Console.WriteLine($"{choices[index],-28}{bytes / 1e6,16:f0}{timing.Minimum * 1e3,14:f1}{timing.Median * 1e3,14:f1}");
            graphs[index].Dispose();
            models[index].Dispose();
        }

        return 0;
    }
}
