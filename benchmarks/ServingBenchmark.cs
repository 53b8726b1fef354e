using System.Diagnostics;
using System.Globalization;
using GptGen.Serving;
using GptGen.Text;

namespace GptGen.Benchmarks;

/// <summary>What an engine writes for one client and for several at once, and how fast it reads prompts, with GPT-2 124M.</summary>
internal static class ServingBenchmark
{
    private const int Prompt = 32;
    private const int Tokens = 48;
    private const int Rounds = 3;

    /// <summary>Runs the table; the argument is the number of threads.</summary>
    public static int Run(string[] arguments)
    {
        int threads = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        using var device = new CpuDevice(threads);
        using var model = Gpt2Small.Create(device);
        model.Initialize(1);
        using var engine = new GenerationEngine(model, Tokenizer.Open("gpt2"), new() { Slots = 16 });
        Write(engine, 1, 4, seed: 0);
        Console.WriteLine($"{threads} threads; prompts of {Prompt} tokens, texts of {Tokens}; the fastest of {Rounds} rounds, all sizes in turn");
        Console.WriteLine($"{"clients",8}{"tokens/s",10}{"x one",8}");
        int[] sizes = [1, 2, 4, 8, 16];
        double[] best = new double[sizes.Length];
        for (int round = 0; round < Rounds; round++)
        {
            for (int size = 0; size < sizes.Length; size++)
                best[size] = Math.Max(best[size], sizes[size] * Tokens / Write(engine, sizes[size], Tokens, seed: 100 * (round + 1)));
        }

        for (int size = 0; size < sizes.Length; size++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sizes[size],8}{best[size],10:f1}{best[size] / best[0],8:f2}"));

        // Reading: all rows of a pass are the prompt's.
        var watch = Stopwatch.StartNew();
        Await(engine.Submit(Request(seed: 999, length: 512, tokens: 1)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"reading a prompt: {512 / watch.Elapsed.TotalSeconds:f0} tokens/s"));
        using var graph = model.CreateInference(1, 512, 512, 1);
        int[] prompt = Request(seed: 998, length: 512, tokens: 1).Prompt;
        watch.Restart();
        graph.Prefill(512, prompt, [512], [0]);
        graph.ReadLogits(0, new float[model.Description.Vocabulary]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the same in one call: {512 / watch.Elapsed.TotalSeconds:f0} tokens/s"));
        return 0;
    }

    /// <summary>Seconds until some clients have their texts, prompts included.</summary>
    private static double Write(GenerationEngine engine, int clients, int tokens, int seed)
    {
        var watch = Stopwatch.StartNew();
        foreach (var sequence in engine.Submit([.. Enumerable.Range(0, clients).Select(client => Request(seed + client, Prompt, tokens))]))
            Await(sequence);
        return watch.Elapsed.TotalSeconds;
    }

    private static EngineRequest Request(int seed, int length, int tokens)
    {
        var random = new Random(seed);
        return new()
        {
            Prompt = [.. Enumerable.Range(0, length).Select(_ => random.Next(50000))], Tokens = tokens, IgnoresEnd = true,
            Sampling = new() { Seed = (uint)seed },
        };
    }

    private static void Await(EngineSequence sequence)
    {
        while (sequence.End == EndReason.None)
            sequence.WaitAsync(sequence.Count).AsTask().GetAwaiter().GetResult();
    }
}
