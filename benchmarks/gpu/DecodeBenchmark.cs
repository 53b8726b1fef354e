using System.Diagnostics;
using System.Globalization;
using GptGen.Models;
using GptGen.Sampling;

namespace GptGen.Benchmarks.Gpu;

/// <summary>Decoding as a generator does it: the tokens drawn come back to the host before the next are asked for.</summary>
internal static class DecodeBenchmark
{
    private const int Warmups = 8;

    /// <summary>Prints the table, for 1, 8 and 32 sequences but no more than <paramref name="most"/>.</summary>
    public static int Run(ZooEntry entry, int most)
    {
        foreach (var precision in Enum.GetValues<GpuPrecision>())
        {
            using var device = new CudaDevice(0, precision);
            using var model = (LanguageModel)entry.Create(device);
            model.Initialize(1);
            var description = model.Description;
            // Of the position table a token reads one row.
            var weights = description.ParameterCount - ((description.Context - 1L) * description.Width);
            var read = (double)device.ElementSize(BufferRole.Parameter) * weights;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{entry.Name}, {Precisions.NameOf(precision)}, {device.GpuName}; a token reads {read / 1e6:f0} MB of weights; "
                + $"fastest / middle"));
            foreach (var sequences in ((int[])[1, 8, 32]).Where(sequences => sequences <= most))
                Measure(model, device, sequences, read);
        }

        return 0;
    }

    private static void Measure(LanguageModel model, CudaDevice device, int sequences, double read)
    {
        var (vocabulary, context) = (model.Description.Vocabulary, model.Description.Context);
        var prompt = context / 8;
        var steps = Math.Min(128, context - prompt - Warmups);
        using var graph = model.CreateInference(sequences, context, sequences * prompt, sequences);
        var random = new Random(1);
        int[] slots = [.. Enumerable.Range(0, sequences)], tokens = new int[sequences], positions = new int[sequences];
        int[] prompts = [.. Enumerable.Range(0, sequences * prompt).Select(_ => random.Next(vocabulary))];
        int[] lengths = [.. slots.Select(_ => prompt)];
        var draws = new TokenDraw[sequences];
        Sampler[] samplers = [.. slots.Select(static slot => new Sampler(new() { TopK = 50, TopP = 0.95f }, (uint)slot))];
        var prefill = Timing.Measure(
            () =>
            {
                graph.Prefill(prompt, prompts, lengths, slots);
                device.Synchronize();
            },
            5);
        double[] wall = new double[steps], gpu = new double[steps];
        using var timer = new GpuTimer(device.Stream, 1);
        for (var step = -Warmups; step < steps; step++)
        {
            tokens.AsSpan().Fill(random.Next(vocabulary));
            positions.AsSpan().Fill(prompt + Warmups + step);
            var start = Stopwatch.GetTimestamp();
            timer.Mark(0);
            graph.Decode(tokens, positions, slots);
            timer.Mark(1);
            for (var sequence = 0; sequence < sequences; sequence++)
                draws[sequence] = samplers[sequence].Next(sequence, sequence);
            graph.Sample(draws, tokens, vocabulary);
            if (step < 0)
                continue;
            wall[step] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            gpu[step] = timer.Seconds(0, 1);
        }

        var (token, kernels) = (Timing.Of(wall), Timing.Of(gpu));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sequences,3} x {prompt} prefill {1e3 * prefill.Minimum:f2} / {1e3 * prefill.Median:f2} ms; "
            + $"then a token {1e3 * token.Minimum:f3} / {1e3 * token.Median:f3} ms, on the GPU {1e3 * kernels.Minimum:f3} / "
            + $"{1e3 * kernels.Median:f3} ms; {sequences / token.Median:f0} tokens/s, weights at {read / kernels.Median / 1e9:f0} GB/s"));
    }
}
