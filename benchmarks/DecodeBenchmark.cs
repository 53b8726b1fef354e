using System.Diagnostics;
using System.Globalization;
using GptGen.Benchmarks.Cpu;
using GptGen.Cpu;
using GptGen.Sampling;

namespace GptGen.Benchmarks;

/// <summary>Decoding with GPT-2 124M beside its floor: every weight that a token needs must be read once.</summary>
internal static unsafe class DecodeBenchmark
{
    private const int Prompt = 32;

    /// <summary>Rounds of one reading of all weights and some tokens: what disturbs the machine disturbs both.</summary>
    private const int Rounds = 24;

    private const int TokensOfRound = 4;

    /// <summary>Runs the table; the argument is the number of threads.</summary>
    public static int Run(string[] arguments)
    {
        int threads = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        ModelDescription description = Gpt2Small.Specification;

        // Of the position table a token reads one row.
        long read = description.ParameterCount - ((description.Context - 1L) * description.Width);
        Console.WriteLine($"{threads} threads; a token reads {4e-6 * read:f0} MB of weights; milliseconds: fastest / middle of {Rounds} rounds");
        using NativeBuffer memory = NativeBuffer.OfFloats((nint)read);
        new Span<byte>(memory.Floats, (int)(4 * read)).Fill(1);
        foreach (bool inferenceOnly in new[] { false, true })
        {
            using var device = new CpuDevice(threads, inferenceOnly: inferenceOnly);
            using var model = Gpt2Small.Create(device);
            model.Initialize(1);
            Console.WriteLine(inferenceOnly ? "matrices in panels, a device for inference only" : "matrices in rows");
            Console.WriteLine($"{"sequences",10}{"token",9}{"",9}{"reading",9}{"",9}{"ratio",8}{"",8}{"tokens/s",10}{"GB/s",8}");
            foreach (int sequences in new[] { 1, 2, 4, 8, 16, 32 })
                Print(model, memory.Floats, threads, sequences, read);
        }

        return 0;
    }

    private static void Print(Gpt2Small model, float* memory, int threads, int sequences, long read)
    {
        (Timing token, Timing reading) = Measure(model, memory, threads, sequences, (nint)read);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sequences,10}{token.Minimum * 1e3,9:f2}{token.Median * 1e3,9:f2}{reading.Minimum * 1e3,9:f2}{reading.Median * 1e3,9:f2}"
            + $"{token.Minimum / reading.Minimum,8:f3}{token.Median / reading.Median,8:f3}{sequences / token.Median,10:f1}"
            + $"{4e-9 * read / reading.Median,8:f1}"));
    }

    private static (Timing Token, Timing Reading) Measure(Gpt2Small model, float* memory, int threads, int sequences, nint read)
    {
        int vocabulary = model.Description.Vocabulary;
        using InferenceGraph graph = model.CreateInference(sequences, Prompt + ((Rounds + 1) * TokensOfRound), sequences * Prompt, sequences);
        using var pool = new WorkerPool(threads);
        var random = new Random(1);
        int[] prompt = [.. Enumerable.Range(0, sequences * Prompt).Select(_ => random.Next(vocabulary))];
        int[] slots = [.. Enumerable.Range(0, sequences)], tokens = new int[sequences], positions = new int[sequences];
        var draws = new TokenDraw[sequences];
        Sampler[] samplers = [.. slots.Select(static slot => new Sampler(new(), (uint)slot))];
        graph.Prefill(Prompt, prompt, [.. slots.Select(_ => Prompt)], slots);
        int position = Prompt;
        double[] token = new double[Rounds + 1], reading = new double[Rounds + 1];
        for (int round = 0; round <= Rounds; round++)
        {
            reading[round] = Seconds(() => Ceilings.Read(pool, SimdHardware.Best, threads, memory, read));
            token[round] = Seconds(() =>
            {
                for (int count = 0; count < TokensOfRound; count++)
                {
                    positions.AsSpan().Fill(position++);
                    tokens.AsSpan().Fill(random.Next(vocabulary));
                    graph.Decode(tokens, positions, slots);
                    for (int sequence = 0; sequence < sequences; sequence++)
                        draws[sequence] = samplers[sequence].Next(sequence, sequence);
                    graph.Sample(draws, tokens, vocabulary);
                }
            }) / TokensOfRound;
        }

        // The first round warms up.
        return (Timing.Of(token[1..]), Timing.Of(reading[1..]));
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
