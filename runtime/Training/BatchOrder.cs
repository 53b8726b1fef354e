using GptGen.RandomNumbers;

namespace GptGen.Training;

/// <summary>
/// The batches of examples of different lengths: in each epoch the examples are in random order, of which every few batches' worth are sorted by
/// length, so that little is padding; the batches then come in random order. A pure function of seed and batch. Nothing is allocated after the
/// constructor.
/// </summary>
internal sealed class BatchOrder
{
    private const int SortedBatches = 16;

    private readonly int[] lengths;
    private readonly int batch;
    private readonly uint seed;
    private readonly uint[] words;
    private readonly ulong[] keys;
    private readonly int[] order;
    private readonly int[] batches;
    private int current = -1;

    /// <summary>Prepares the order of examples of some lengths, at most <paramref name="batch"/> in a batch.</summary>
    internal BatchOrder(IEnumerable<int> lengths, int batch, uint seed)
    {
        (this.lengths, this.batch, this.seed) = ([.. lengths], batch, seed);
        var count = this.lengths.Length;
        (words, keys, order) = (new uint[count], new ulong[count], new int[count]);
        batches = new int[(int)(((long)count + batch - 1) / batch)];
    }

    /// <summary>Batches of an epoch.</summary>
    internal int BatchesOfEpoch => batches.Length;

    /// <summary>The examples of a batch, counted from 0 over all epochs; of use until the next call.</summary>
    internal ReadOnlySpan<int> Batch(long index)
    {
        var epoch = (int)(index / batches.Length);
        if (epoch != current)
            Prepare(epoch);
        var first = (long)batches[(int)(index % batches.Length)] * batch;
        return order.AsSpan((int)first, (int)Math.Min(batch, order.Length - first));
    }

    /// <summary>The numbers below <paramref name="count"/> in random order.</summary>
    internal static int[] Shuffled(int count, uint seed, int epoch, int purpose)
    {
        var shuffled = new int[count];
        Shuffle(shuffled, new uint[count], new ulong[count], seed, epoch, purpose);
        return shuffled;
    }

    private static void Shuffle(Span<int> numbers, Span<uint> words, Span<ulong> keys, uint seed, int epoch, int purpose)
    {
        RandomStream.Batches(seed, (uint)epoch, purpose).Fill(0, words);
        for (var index = 0; index < keys.Length; index++)
            keys[index] = (ulong)words[index] << 32 | (uint)index;
        Sort(numbers, keys);
    }

    /// <summary>The lower halves of the keys, which tell equal ones apart, in the order of the keys.</summary>
    private static void Sort(Span<int> numbers, Span<ulong> keys)
    {
        keys.Sort();
        for (var index = 0; index < keys.Length; index++)
            numbers[index] = (int)(uint)keys[index];
    }

    private void Prepare(int epoch)
    {
        Shuffle(order, words, keys, seed, epoch, 0);
        var part = (int)Math.Min((long)batch * SortedBatches, order.Length);
        for (long start = 0; start < order.Length; start += part)
        {
            var range = new Range((int)start, (int)Math.Min(start + part, order.Length));
            var numbers = order.AsSpan(range);
            var sorted = keys.AsSpan(range);
            for (var index = 0; index < numbers.Length; index++)
                sorted[index] = (ulong)(uint)lengths[numbers[index]] << 32 | (uint)numbers[index];
            Sort(numbers, sorted);
        }

        Shuffle(batches, words.AsSpan(0, batches.Length), keys.AsSpan(0, batches.Length), seed, epoch, 1);
        current = epoch;
    }
}
