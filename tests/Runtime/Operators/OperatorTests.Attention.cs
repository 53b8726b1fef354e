using Xunit;

namespace GptGen.Runtime.Tests.Operators;

// Attention between rows, to a cache and to stored keys and values.
public abstract partial class OperatorTests<TWidth, TOut>
{
    [Theory]
    [InlineData(AttentionMask.Causal, false)]
    [InlineData(AttentionMask.Causal, true)]
    [InlineData(AttentionMask.Full, false)]
    [InlineData(AttentionMask.Full, true)]
    public void Attention(AttentionMask mask, bool drop) => Verify((device, memory) =>
    {
        // Longer than any block of queries or keys.
        const int Length = 147;
        var site = drop ? Active : default;
        var heads = new AttentionHeads<TWidth, TWidth>(Heads, Heads, mask);
        var lengths = memory.Integers(Length, 1, 0, 83);
        var qkv = memory.Rows<Triple<TWidth>>(TestMemory.Random(1, 4 * Length * 3 * Width));
        var y = memory.Rows<TWidth>(new double[4 * Length * Width]);
        var logSumExp = memory.Statistics(4 * Heads * Length);
        var dQkv = memory.Rows<Triple<TWidth>>(TestMemory.Random(2, 4 * Length * 3 * Width));
        device.Attention(qkv.Query(), qkv.Key(), qkv.Value(), heads, lengths, lengths, site, y, logSumExp);
        device.AttentionBackward(
            memory.Rows<TWidth>(TestMemory.Random(3, 4 * Length * Width)), qkv.Query(), qkv.Key(), qkv.Value(), y, logSumExp, heads, lengths, lengths,
            site, dQkv.Query(), dQkv.Key(), dQkv.Value());
        return [y.Start, dQkv.Start];
    });

    [Fact]
    public void AttentionThroughTheCache() => Verify((device, memory) =>
    {
        const int Length = 61;
        const int Capacity = 70;
        var heads = new AttentionHeads<TWidth, TWidth>(Heads, Heads, AttentionMask.Causal);
        var slots = memory.Integers(3, 0);
        var place = memory.Numbers(new double[KeyValueCache<TWidth>.Elements(4, Capacity)], BufferRole.Cache);
        var cache = new KeyValueCache<TWidth>(place, 4, Capacity);
        var y = memory.Rows<TWidth>(new double[2 * Length * Width]);
        device.AttentionPrefill(
            memory.Rows<Triple<TWidth>>(TestMemory.Random(1, 2 * Length * 3 * Width)), heads, memory.Integers(Length, 17), slots, cache, y);
        var outputs = new List<Location> { y.Start };
        for (var step = 0; step < 3; step++)
        {
            var next = memory.Rows<TWidth>(new double[2 * Width]);
            device.AttentionDecode(
                memory.Rows<Triple<TWidth>>(TestMemory.Random(2 + step, 2 * 3 * Width)), heads, memory.Integers(Length + step, 17 + step), slots,
                cache, next);
            outputs.Add(next.Start);
        }

        return [.. outputs];
    });

    /// <summary>Keys and values are stored once, and several rows look at the same ones; longer than a block of the GPU takes at once.</summary>
    [Fact]
    public void AttentionToStoredKeysAndValues() => Verify((device, memory) =>
    {
        const int Length = 131;
        const int Capacity = 140;
        var heads = new AttentionHeads<TWidth, TWidth>(Heads, Heads, AttentionMask.Full);
        var place = memory.Numbers(new double[KeyValueCache<TWidth>.Elements(4, Capacity)], BufferRole.Cache);
        var cache = new KeyValueCache<TWidth>(place, 4, Capacity);
        device.StoreKeysAndValues(
            memory.Rows<Double<TWidth>>(TestMemory.Random(1, 3 * Length * 2 * Width)), heads, memory.Integers(Length, 1, 17),
            memory.Integers(3, 0, 1), cache);
        var y = memory.Rows<TWidth>(new double[5 * Width]);
        device.AttentionCached(
            memory.Rows<TWidth>(TestMemory.Random(2, 5 * Width)), heads, memory.Integers(Length - 1, 16, 0, Length - 1, 127),
            memory.Integers(3, 1, 0, 3, 3), cache, y);
        return [place, y.Start];
    });
}
