using System.Diagnostics;
using System.Globalization;
using GptGen.Benchmarks.Cpu;
using GptGen.Checkpoints;
using GptGen.Cpu;

namespace GptGen.Benchmarks.LlamaCpp;

/// <summary>
/// Tokens of GPT-2 124M by the generated model and by llama.cpp from one GGUF file, and one reading of as many bytes as the weights have, in turn, so
/// that what disturbs the machine disturbs all three.
/// </summary>
internal static unsafe class DecodingDuel
{
    private const int Prompt = 32;
    private const int TokensOfRound = 4;

    /// <summary>Long enough for the other side's threads to fall asleep.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private static readonly ElementType[] s_types = [ElementType.F32, ElementType.BF16, ElementType.Q8_0, ElementType.IQ4_NL];

    /// <summary>The types of weights, by name.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. s_types.Select(static type => type.ToString().ToLowerInvariant())];

    /// <summary>Prints the table.</summary>
    public static void Run(int threads, int rounds, IReadOnlyList<string> types)
    {
        Console.WriteLine($"GPT-2 124M, {threads} threads, {Prompt} tokens read; milliseconds a pass: fastest / middle of {rounds} rounds in turn");
        Console.WriteLine(
            $"{"weights",-8}{"texts",6}{"GptGen",10}{"",8}{"llama.cpp",11}{"",8}{"times as fast",15}{"",8}{"reading",10}{"",8}{"over it",9}");
        var folder = Directory.CreateTempSubdirectory("gptgen-duel-");
        try
        {
            foreach (var type in s_types.Where(type => types.Contains(type.ToString().ToLowerInvariant())))
                Compare(Path.Combine(folder.FullName, $"{type}.gguf"), type, threads, rounds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Compare(string path, ElementType type, int threads, int rounds)
    {
        using (var device = new CpuDevice(threads))
        using (var model = Gpt2Small.Create(device))
        {
            model.Initialize(1);
            ModelCheckpoint.Save(model, path, type);
        }

        using var small = new CpuDevice(threads, type);
        using var ours = Gpt2Small.Create(small);
        ModelCheckpoint.Load(ours, path);
        // Of the position table a token reads one row.
        var bytes = (nint)(small.ParameterBytes(ours.Description) * (1 - ((double)ours.Description.Context / ours.Description.ParameterElements)));
        using var memory = new NativeBuffer(bytes);
        new Span<byte>(memory.Floats, (int)bytes).Fill(1);
        foreach (var texts in (int[])[1, 8])
        {
            using var theirs = new LlamaCppSide(path, threads, texts);
            Print(type, texts, Measure(ours, theirs, memory, threads, texts, rounds));
        }
    }

    private static (Timing Ours, Timing Theirs, Timing Reading) Measure(
        LanguageModel model, LlamaCppSide llama, NativeBuffer memory, int threads, int texts, int rounds)
    {
        var length = Prompt + ((rounds + 1) * TokensOfRound);
        using var graph = model.CreateInference(texts, length, texts * Prompt, texts);
        using var pool = new WorkerPool(threads);
        var random = new Random(1);
        int[] tokens = [.. Enumerable.Range(0, texts * length).Select(_ => random.Next(model.Description.Vocabulary))];
        int[] slots = [.. Enumerable.Range(0, texts)], positions = new int[texts];
        graph.Prefill(Prompt, tokens[..(texts * Prompt)], [.. slots.Select(static _ => Prompt)], slots);
        llama.Read(tokens.AsSpan(0, texts * Prompt), Prompt);
        var (ours, theirs, reading) = (new double[rounds + 1], new double[rounds + 1], new double[rounds + 1]);
        for (var round = 0; round <= rounds; round++)
        {
            var first = Prompt + (round * TokensOfRound);
            reading[round] = Seconds(() => Ceilings.Read(pool, SimdHardware.Best, threads, memory.Floats, memory.Bytes / sizeof(float)));
            ours[round] = Seconds(() =>
            {
                for (var token = first; token < first + TokensOfRound; token++)
                {
                    positions.AsSpan().Fill(token);
                    graph.Decode(tokens.AsSpan(token * texts, texts), positions, slots);
                }
            }) / TokensOfRound;
            theirs[round] = Seconds(() =>
            {
                for (var token = first; token < first + TokensOfRound; token++)
                    llama.Decode(tokens.AsSpan(token * texts, texts), token);
            }) / TokensOfRound;
        }

        // The first round warms up.
        return (Timing.Of(ours[1..]), Timing.Of(theirs[1..]), Timing.Of(reading[1..]));
    }

    private static void Print(ElementType type, int texts, (Timing Ours, Timing Theirs, Timing Reading) times)
    {
        var (ours, theirs, reading) = times;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{type,-8}{texts,6}{ours.Minimum * 1e3,10:f2}{ours.Median * 1e3,8:f2}{theirs.Minimum * 1e3,11:f2}{theirs.Median * 1e3,8:f2}"
            + $"{theirs.Minimum / ours.Minimum,15:f2}{theirs.Median / ours.Median,8:f2}{reading.Minimum * 1e3,10:f2}{reading.Median * 1e3,8:f2}"
            + $"{ours.Minimum / reading.Minimum,9:f2}"));
    }

    private static double Seconds(Action action)
    {
        Thread.Sleep(s_pause);
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
