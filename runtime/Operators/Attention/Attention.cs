namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Multi-head attention (Vaswani et al. 2017) over the sequences of a batch: for each head,
    /// y = dropout(softmax(q k^T / sqrt(head size) + mask)) v, without ever holding a length x length matrix (FlashAttention, Dao et al. 2022).
    /// <paramref name="qkv"/> is [sequences x length, 3 x width] (query, key, value); <paramref name="lengths"/>, one a sequence, says how many of
    /// its rows count: later rows are neither looked at nor written meaningfully (they become zero). <paramref name="logSumExp"/>, [sequences, heads, length],
    /// is kept for the backward pass unless absent. The dropout's element index is ((sequence x heads + head) x length + query) x length + key.
    /// </summary>
    public void Attention<TWidth>(
        Rows<Triple<TWidth>> qkv, AttentionHeads<TWidth> heads, Integers lengths, DropoutSite dropout, Rows<TWidth> y, Statistics logSumExp)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, lengths.Count, y.Count);
        Need(qkv, y.Count);
        NeedChoices(lengths, shape.Sequences, 0, shape.Length + 1);
        Need(y, y.Count);
        NeedOrNone(logSumExp, (nint)y.Count * shape.Heads);
        Attention(qkv.Start, lengths.Start, dropout, y.Start, logSumExp.Start, shape);
    }

    /// <summary>The gradient of attention for query, key and value, [sequences x length, 3 x width]; zero beyond each sequence's length.</summary>
    public void AttentionBackward<TWidth>(
        Rows<TWidth> dy, Rows<Triple<TWidth>> qkv, Rows<TWidth> y, Statistics logSumExp, AttentionHeads<TWidth> heads, Integers lengths, DropoutSite dropout,
        Rows<Triple<TWidth>> dQkv)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, lengths.Count, y.Count);
        Need(dy, y.Count);
        Need(qkv, y.Count);
        Need(y, y.Count);
        Need(logSumExp, (nint)y.Count * shape.Heads);
        NeedChoices(lengths, shape.Sequences, 0, shape.Length + 1);
        Need(dQkv, y.Count);
        AttentionBackward(dy.Start, qkv.Start, y.Start, logSumExp.Start, lengths.Start, dropout, dQkv.Start, shape);
    }

    /// <summary>
    /// Attention over whole prompts that also stores keys and values: sequence s of the batch goes to slot <paramref name="slots"/>[s] of the
    /// cache, positions 0 to its length.
    /// </summary>
    public void AttentionPrefill<TWidth>(
        Rows<Triple<TWidth>> qkv, AttentionHeads<TWidth> heads, Integers lengths, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, lengths.Count, y.Count);
        Need(qkv, y.Count);
        NeedChoices(lengths, shape.Sequences, 0, Math.Min(shape.Length, cache.Capacity) + 1);
        Need(slots, cache, shape.Sequences);
        Need(y, y.Count);
        StoreKeysAndValues(qkv.Start, lengths.Start, slots.Start, cache.Keys, cache.Values, cache.Capacity, shape);
        Attention(qkv.Start, lengths.Start, default, y.Start, default, shape);
    }

    /// <summary>
    /// One new token a sequence: row s of <paramref name="qkv"/> stores its key and value at <paramref name="positions"/>[s] of slot
    /// <paramref name="slots"/>[s] and attends to positions 0 to that one.
    /// </summary>
    public void AttentionDecode<TWidth>(
        Rows<Triple<TWidth>> qkv, AttentionHeads<TWidth> heads, Integers positions, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, y.Count, y.Count);
        Need(qkv, y.Count);
        NeedChoices(positions, y.Count, 0, cache.Capacity);
        Need(slots, cache, y.Count);
        Need(y, y.Count);
        AttentionDecode(qkv.Start, positions.Start, slots.Start, cache.Keys, cache.Values, cache.Capacity, y.Start, shape);
    }

    private static AttentionShape Shape<TWidth>(AttentionHeads<TWidth> heads, int sequences, int rows)
        where TWidth : struct, IDimension
    {
        if (heads.Count < 1 || TWidth.Size % heads.Count != 0)
            throw new ArgumentException($"A width of {TWidth.Size} cannot be split into {heads.Count} heads.", nameof(heads));
        if (sequences == 0 ? rows != 0 : rows % sequences != 0)
            throw new ArgumentException($"{rows} rows do not belong to {sequences} sequences alike.", nameof(rows));
        return new(sequences, sequences == 0 ? 0 : rows / sequences, heads.Count, heads.Size, heads.Mask);
    }

    private void Need<TWidth>(Integers slots, KeyValueCache<TWidth> cache, int sequences)
        where TWidth : struct, IDimension
    {
        if (cache.Slots < 0 || cache.Capacity < 0)
            throw new ArgumentException($"A cache has no {cache.Slots} slots of {cache.Capacity} positions.", nameof(cache));
        Numbers(cache.Keys, KeyValueCache<TWidth>.Elements(cache.Slots, cache.Capacity), nameof(cache));
        NeedChoices(slots, sequences, 0, cache.Slots);
    }

    /// <summary>The untyped core of <c>Attention</c>.</summary>
    protected abstract void Attention(Location qkv, Location lengths, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape);

    /// <summary>The untyped core of <c>AttentionBackward</c>.</summary>
    protected abstract void AttentionBackward(
        Location dy, Location qkv, Location y, Location logSumExp, Location lengths, DropoutSite dropout, Location dQkv, in AttentionShape shape);

    /// <summary>Copies each sequence's keys and values into its slot: [slot, head, position, head size].</summary>
    protected abstract void StoreKeysAndValues(
        Location qkv, Location lengths, Location slots, Location keys, Location values, int capacity, in AttentionShape shape);

    /// <summary>The untyped core of <c>AttentionDecode</c>; the shape's length is 1.</summary>
    protected abstract void AttentionDecode(
        Location qkv, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape);
}

/// <summary>The sizes of one attention.</summary>
/// <param name="Sequences">Number of sequences.</param>
/// <param name="Length">Rows of each sequence.</param>
/// <param name="Heads">Number of heads.</param>
/// <param name="HeadSize">Width of a head.</param>
/// <param name="Mask">Which positions a query may look at.</param>
public readonly record struct AttentionShape(int Sequences, int Length, int Heads, int HeadSize, AttentionMask Mask)
{
    /// <summary>Heads x head size.</summary>
    public int Width => Heads * HeadSize;
}
