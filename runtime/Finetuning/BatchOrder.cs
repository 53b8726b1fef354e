using GptGen.RandomNumbers;

namespace GptGen.Finetuning;

/// <summary>
/// The batches of an epoch: examples in random order, of which every few batches' worth are sorted by length, so that little is padding;
/// the batches then come in random order. A pure function of seed and epoch.
/// </summary>
internal static class BatchOrder
{
    private const int SortedBatches = 16;

    internal static List<int[]> Of(IReadOnlyList<EncodedExample> examples, int batch, uint seed, int epoch)
    {
        var order = Shuffled(examples.Count, seed, epoch, 0);
        var sorted = (int)Math.Min((long)batch * SortedBatches, Array.MaxLength);
        var batches = order.Chunk(sorted)
            .SelectMany(part => part.OrderBy(index => examples[index].Length).ThenBy(static index => index).Chunk(batch)).ToList();
        return [.. Shuffled(batches.Count, seed, epoch, 1).Select(index => batches[index])];
    }

    /// <summary>The numbers below <paramref name="count"/> in random order.</summary>
    internal static int[] Shuffled(int count, uint seed, int epoch, int purpose)
    {
        var keys = new uint[count];
        RandomStream.Batches(seed, (uint)epoch, purpose).Fill(0, keys);
        return [.. Enumerable.Range(0, count).OrderBy(index => keys[index]).ThenBy(static index => index)];
    }
}
