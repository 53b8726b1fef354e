using GptGen.Cpu;

namespace GptGen.Distributed;

/// <summary>Elements of the gradients' arena that lie one behind the other and belong to one bucket.</summary>
/// <param name="First">The first element.</param>
/// <param name="Count">How many.</param>
internal readonly record struct GradientRange(nint First, nint Count);

/// <summary>
/// Gradients that are summed up over all processes together, as soon as the backward pass has none of them left to write.
/// </summary>
/// <param name="Layer">
/// The first layer that any of them belongs to: the pass has written all when it is done with that one; -1 where it must have come to its end.
/// </param>
/// <param name="Ranges">Where they lie.</param>
internal sealed record GradientBucket(int Layer, IReadOnlyList<GradientRange> Ranges)
{
    /// <summary>The layer of what is final at the end of the pass only: tables, the head, the last norm.</summary>
    internal const int AtEnd = -1;

    /// <summary>
    /// The buckets of a model in the order in which the backward pass completes them, from the last layer to the first, and then what lies outside of
    /// layers. A bucket is made of whole blocks of the gradient's norm; a block with elements of several layers counts as the first one's.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="blocks">Blocks that a bucket has at least, so that small layers go together; the last bucket may have fewer.</param>
    internal static IReadOnlyList<GradientBucket> Of(ModelDescription model, int blocks)
    {
        var layers = LayerOfBlocks(model);
        var buckets = new List<GradientBucket>();
        var own = new List<int>();
        var done = 0;
        foreach (var group in Enumerable.Range(0, layers.Length).GroupBy(block => layers[block]).OrderByDescending(static group => group.Key))
        {
            own.AddRange(group);
            done += group.Count();
            if (own.Count < blocks && done < layers.Length)
                continue;
            own.Sort();
            buckets.Add(new(group.Key, RunsOf(own, model.TrainedElements)));
            own.Clear();
        }

        return buckets;
    }

    /// <summary>The first layer whose parameters each block touches.</summary>
    private static int[] LayerOfBlocks(ModelDescription model)
    {
        var layers = new int[(model.TrainedElements + SquareSumKernel.Block - 1) / SquareSumKernel.Block];
        Array.Fill(layers, int.MaxValue);
        var end = model.TrainedElements;
        // What pads a parameter belongs to it.
        foreach (var parameter in model.Parameters.Where(static parameter => !parameter.IsFrozen).OrderByDescending(static place => place.Offset))
        {
            for (var block = parameter.Offset / SquareSumKernel.Block; block * SquareSumKernel.Block < end; block++)
                layers[block] = Math.Min(layers[block], parameter.Layer ?? AtEnd);
            end = parameter.Offset;
        }

        return layers;
    }

    private static List<GradientRange> RunsOf(List<int> blocks, nint elements)
    {
        var ranges = new List<GradientRange>();
        for (int first = 0, next; first < blocks.Count; first = next)
        {
            for (next = first + 1; next < blocks.Count && blocks[next] == blocks[next - 1] + 1;)
                next++;
            var start = (nint)blocks[first] * SquareSumKernel.Block;
            ranges.Add(new(start, Math.Min((nint)(next - first) * SquareSumKernel.Block, elements - start)));
        }

        return ranges;
    }
}
