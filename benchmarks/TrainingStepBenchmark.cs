using System.Diagnostics;
using System.Globalization;

namespace GptGen.Benchmarks;

/// <summary>A training step of GPT-2 124M or of the smallest model, phase by phase.</summary>
internal static class TrainingStepBenchmark
{
    private static readonly (int Sequences, int Length)[] Batches = [(4, 64), (4, 256), (1, 1024)];

    private static readonly string[] Phases = ["set batch", "forward", "backward", "gradient norm", "AdamW", "step"];

    /// <summary>Runs the table; the arguments are the number of threads and of steps.</summary>
    public static int Run(string[] arguments)
    {
        int threads = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        int steps = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 5;
        using var device = new CpuDevice(threads);
        using var model = Gpt2Small.Create(device);
        model.Initialize(1);
        Console.WriteLine($"{threads} threads, {steps} steps, milliseconds: fastest / middle");
        foreach ((int sequences, int length) in Batches)
        {
            Console.WriteLine($"\n{sequences} x {length}");
            Step(model, sequences, length, steps);
            Attention(device, model.Description.Layers, sequences, length, steps);
        }

        return 0;
    }

    private static void Step(Gpt2Small model, int sequences, int length, int steps)
    {
        Device device = model.Device;
        nint count = model.Description.TrainedElements;
        using LanguageTrainingGraph graph = model.CreateTraining(sequences, length);
        using Arena first = device.Allocate(BufferRole.Moment, count), second = device.Allocate(BufferRole.Moment, count);
        using Arena statistics = device.Allocate(BufferRole.Statistic, 1);
        var norm = new Statistics(statistics.At(0), 1);
        var random = new Random(1);
        int[] tokens = [.. Enumerable.Range(0, sequences * length).Select(_ => random.Next(model.Description.Vocabulary))];
        var seconds = new double[Phases.Length][];
        for (int phase = 0; phase < Phases.Length; phase++)
            seconds[phase] = new double[steps];

        // The first step warms up.
        for (int step = 0; step <= steps; step++)
        {
            var adam = new AdamWStep(count, count, step, 1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f, 1f);
            long start = Stopwatch.GetTimestamp(), last = start;
            graph.SetBatch(sequences, length, tokens, tokens);
            Lap(0);
            graph.Forward();
            Lap(1);
            graph.Backward(accumulate: false);
            Lap(2);
            device.GradientNorm(graph.Gradients, count, norm);
            Lap(3);
            device.AdamW(model.Parameters, graph.Gradients, first, second, norm, adam);
            Lap(4);
            last = start;
            Lap(5);

            void Lap(int phase)
            {
                long now = Stopwatch.GetTimestamp();
                if (step > 0)
                    seconds[phase][step - 1] = Stopwatch.GetElapsedTime(last, now).TotalSeconds;
                last = now;
            }
        }

        for (int phase = 0; phase < Phases.Length; phase++)
        {
            Array.Sort(seconds[phase]);
            Print(Phases[phase], new Timing(seconds[phase][0], seconds[phase][steps / 2]), 1);
        }
    }

    private static void Attention(CpuDevice device, int layers, int sequences, int length, int runs)
    {
        int rows = sequences * length;
        var heads = new AttentionHeads<Width768, Width768>(12, 12, AttentionMask.Causal);
        using Arena numbers = device.Allocate(BufferRole.Activation, (nint)rows * 768 * 8);
        using Arena statistics = device.Allocate(BufferRole.Statistic, 12 * rows);
        using Arena integers = device.Allocate(BufferRole.Token, sequences);
        var values = new float[rows * 768 * 4];
        var random = new Random(1);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        numbers.Write(0, values);
        integers.Write(0, Enumerable.Repeat(length, sequences).ToArray());
        nint width = (nint)rows * 768;
        var qkv = new Rows<Triple<Width768>>(numbers.At(0), rows);
        var dy = new Rows<Width768>(numbers.At(3 * width), rows);
        var y = new Rows<Width768>(numbers.At(4 * width), rows);
        var dQkv = new Rows<Triple<Width768>>(numbers.At(5 * width), rows);
        var logSumExp = new Statistics(statistics.At(0), 12 * rows);
        var lengths = new Integers(integers.At(0), sequences);
        Print("of it attention forward", Timing.Measure(Forward, runs), layers);
        Print("of it attention backward", Timing.Measure(Backward, runs), layers);

        void Forward() => device.Attention(qkv.Query(), qkv.Key(), qkv.Value(), heads, lengths, lengths, default, y, logSumExp);

        void Backward() => device.AttentionBackward(
            dy, qkv.Query(), qkv.Key(), qkv.Value(), y, logSumExp, heads, lengths, lengths, default, dQkv.Query(), dQkv.Key(), dQkv.Value());
    }

    private static void Print(string name, Timing timing, int times) =>
        Console.WriteLine($"{name,-26}{timing.Minimum * times * 1e3,10:f1}{timing.Median * times * 1e3,10:f1}");

    private readonly struct Width768 : IDimension
    {
        public static int Size => 768;

        public static int Stored => 768;
    }
}
