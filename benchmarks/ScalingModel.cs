using GptGen.Distributed;
using GptGen.Models;

namespace GptGen.Benchmarks;

/// <summary>
/// What a training step takes on several GPUs by a model of its parts, none of which was measured on several GPUs: computing, sums of buckets behind
/// the backward pass, AdamW on a rank's own part, and the weights that all get. Buckets are those that a run has.
/// </summary>
internal static class ScalingModel
{
    /// <summary>NCCL's own latencies of a ring ("tuning.cc"): a call's, a hop's within a node and one's between nodes, in seconds.</summary>
    private const double CallLatency = 8.4e-6, HopLatency = 3.4e-6, NetworkLatency = 14e-6;

    /// <summary>Bytes a second that pass each GPU of a ring within a node of H100 or H200.</summary>
    private const double NodeBandwidth = 360e9;

    private const int GpusOfNode = 8;

    /// <summary>The share of the peak that GPT-2 124M reached on an H200 in bf16 with 64 x 1024 tokens at once.</summary>
    private const double MeasuredUse = 0.474;

    private const double Peak = 989e12;

    /// <summary>Tokens at once of that measurement, and the most here.</summary>
    private const double MostTokens = 65536;

    /// <summary>
    /// Tokens whose time a step takes whatever its size: in TF32 a token of 4 x 1024 took 1.1 times as long as one of 16 x 1024.
    /// </summary>
    private const double FixedTokens = 620;

    /// <summary>Bytes that AdamW reads and writes of an element with a weight in f32 and one in bf16, and how many a second.</summary>
    private const double OptimizerBytes = 30, MemoryBandwidth = 3e12;

    /// <summary>Bytes of a gradient, and of a weight in both forms.</summary>
    private const double GradientBytes = 4, WeightBytes = 6;

    /// <summary>Prints the table.</summary>
    public static int Run()
    {
        int[] sizes = [8, 64, 256, 1024];
        Console.WriteLine("by a model, not measured: speed a GPU, of that of one GPU alone, and the share of the step in which it waits for others");
        foreach (var (model, tokens) in (ReadOnlySpan<(string, int)>)[("gpt2-small", 524288), ("gpt2-xl", 1048576)])
        {
            foreach (var (network, bandwidth) in (ReadOnlySpan<(string, double)>)[("8 x 400 Gb/s a node", 330e9), ("100 Gb/s a node", 11e9)])
            {
                var cells = sizes.Select(gpus => Step(Zoo.Find(model).Description, tokens, gpus, bandwidth))
                    .Select(static step => FormattableString.Invariant($"{step.Efficiency,5:P0} ({step.Waiting:P0})"));
                var row = string.Join("  ", sizes.Zip(cells, static (gpus, cell) => $"{gpus}: {cell}"));
                Console.WriteLine(FormattableString.Invariant($"{model}, {tokens:N0} tokens a step, {network}: {row}"));
            }
        }

        return 0;
    }

    private static (double Efficiency, double Waiting) Step(ModelDescription model, double tokens, int gpus, double network)
    {
        var parts = Partition.OfEqualPieces(model, gpus);
        var computing = Computing(model, tokens / gpus);
        var (forward, backward) = (computing / 3, 2 * computing / 3);
        var head = 6.0 * model.Vocabulary * model.Width / model.TrainingFlopsPerToken(model.Context);
        var done = 0.0;
        for (var bucket = 0; bucket < parts.Buckets; bucket++)
        {
            // The head comes first, then layer after layer; what is left is there at the end.
            var layersDone = (double)(model.Layers - Math.Max(0, parts.LayerOf(bucket))) / model.Layers;
            var isThere = parts.LayerOf(bucket) == GradientBucket.AtEnd ? 1 : head + ((1 - head) * layersDone);
            nint elements = 0;
            for (var range = parts.FirstRange(bucket); range < parts.FirstRange(bucket + 1); range++)
                elements += parts[range].Count;
            done = Math.Max(done, forward + (backward * isThere)) + Ring(gpus, GradientBytes * elements, network);
        }

        var waiting = done - computing + Ring(gpus, WeightBytes * model.TrainedElements, network);
        var optimizer = OptimizerBytes * model.TrainedElements / MemoryBandwidth;
        var alone = Computing(model, tokens) + optimizer;
        var step = computing + waiting + (optimizer / gpus);
        return (alone / gpus / step, waiting / step);
    }

    private static double Computing(ModelDescription model, double tokens)
    {
        var atOnce = Math.Min(tokens, MostTokens);
        var slowdown = (1 + (FixedTokens / atOnce)) / (1 + (FixedTokens / MostTokens));
        return tokens * model.TrainingFlopsPerToken(model.Context) / (MeasuredUse * Peak) * slowdown;
    }

    /// <summary>Seconds of a sum of which each GPU gets its piece, or of pieces that all get.</summary>
    private static double Ring(int gpus, double bytes, double network)
    {
        var nodes = (gpus + GpusOfNode - 1) / GpusOfNode;
        var hops = CallLatency + ((gpus - nodes) * HopLatency) + (nodes > 1 ? nodes * NetworkLatency : 0);
        return hops + (bytes * (gpus - 1) / gpus / (nodes > 1 ? Math.Min(NodeBandwidth, network) : NodeBandwidth));
    }
}
