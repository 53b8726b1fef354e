namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Multi-head attention (Vaswani et al. 2017) over the sequences of a batch: for each head,
    /// y = dropout(softmax(q k^T / sqrt(head size) + mask)) v, without ever holding a matrix of all scores (FlashAttention, Dao et al. 2022).
    /// <paramref name="query"/> is [sequences x query length, TQuery], <paramref name="key"/> and <paramref name="value"/> are
    /// [sequences x key length, TKey]; the two lengths may differ, and the three may be columns of the same packed rows.
    /// <paramref name="queryLengths"/> and <paramref name="keyLengths"/>, one a sequence, say how many of its rows count, none included: later
    /// ones are not looked at, and their outputs are zero, as is the output of a query that sees no key.
    /// <paramref name="logSumExp"/>, [sequences, query heads, query length], is kept for the backward pass unless absent. The dropout's element
    /// index is ((sequence x query heads + head) x query length + query) x key length + key.
    /// </summary>
    public void Attention<TQuery, TKey>(
        Columns<TQuery> query, Columns<TKey> key, Columns<TKey> value, AttentionHeads<TQuery, TKey> heads, Integers queryLengths,
        Integers keyLengths, DropoutSite dropout, Rows<TQuery> y, Statistics logSumExp)
        where TQuery : struct, IDimension
        where TKey : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, queryLengths.Count, query.Count, key.Count);
        var inputs = Inputs(query, key, value, queryLengths, keyLengths, shape);
        Need(y, query.Count);
        NeedOrNone(logSumExp, (nint)query.Count * shape.QueryHeads);
        Attention(inputs, dropout, y.Start, logSumExp.Start, shape);
    }

    /// <summary>
    /// The gradients of attention for query, key and value, each shaped as its input; zero beyond each sequence's lengths. They may be columns of the
    /// same packed rows, but none may overlap another one.
    /// </summary>
    public void AttentionBackward<TQuery, TKey>(
        Rows<TQuery> dy, Columns<TQuery> query, Columns<TKey> key, Columns<TKey> value, Rows<TQuery> y, Statistics logSumExp,
        AttentionHeads<TQuery, TKey> heads, Integers queryLengths, Integers keyLengths, DropoutSite dropout,
        Columns<TQuery> dQuery, Columns<TKey> dKey, Columns<TKey> dValue)
        where TQuery : struct, IDimension
        where TKey : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, queryLengths.Count, query.Count, key.Count);
        var inputs = Inputs(query, key, value, queryLengths, keyLengths, shape);
        Need(dy, query.Count);
        Need(y, query.Count);
        Need(logSumExp, (nint)query.Count * shape.QueryHeads);
        Need(dQuery, query.Count);
        Need(dKey, key.Count);
        Need(dValue, key.Count);
        AttentionBackward(dy.Start, inputs, y.Start, logSumExp.Start, dropout, new(dQuery.Slice, dKey.Slice, dValue.Slice), shape);
    }

    /// <summary>
    /// Attention over whole prompts that also stores keys and values: sequence s of the batch goes to slot <paramref name="slots"/>[s] of the
    /// cache, positions 0 to its length.
    /// </summary>
    public void AttentionPrefill<TWidth>(
        Rows<Triple<TWidth>> qkv, AttentionHeads<TWidth, TWidth> heads, Integers lengths, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, lengths.Count, y.Count, y.Count);
        Need(qkv, y.Count);
        NeedChoices(lengths, shape.Sequences, 0, Math.Min(shape.KeyLength, cache.Capacity) + 1);
        Need(slots, cache, shape.Sequences);
        Need(y, y.Count);
        AttentionInputs inputs = new(qkv.Query().Slice, qkv.Key().Slice, qkv.Value().Slice, lengths.Start, lengths.Start);
        StoreKeysAndValues(inputs, slots.Start, cache.Keys, cache.Values, cache.Capacity, shape);
        Attention(inputs, default, y.Start, default, shape);
    }

    /// <summary>
    /// One new token a sequence: row s of <paramref name="qkv"/> stores its key and value at <paramref name="positions"/>[s] of slot
    /// <paramref name="slots"/>[s] and attends to positions 0 to that one.
    /// </summary>
    public void AttentionDecode<TWidth>(
        Rows<Triple<TWidth>> qkv, AttentionHeads<TWidth, TWidth> heads, Integers positions, Integers slots, KeyValueCache<TWidth> cache,
        Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, y.Count, y.Count, y.Count);
        Need(qkv, y.Count);
        NeedChoices(positions, y.Count, 0, cache.Capacity);
        Need(slots, cache, y.Count);
        Need(y, y.Count);
        AttentionInputs inputs = new(qkv.Query().Slice, qkv.Key().Slice, qkv.Value().Slice, default, default);
        AttentionDecode(inputs, positions.Start, slots.Start, cache.Keys, cache.Values, cache.Capacity, y.Start, shape);
    }

    /// <summary>
    /// Copies keys and values of whole sequences into a cache that is only read from then on: sequence s goes to slot <paramref name="slots"/>[s],
    /// positions 0 to its length.
    /// </summary>
    public void StoreKeysAndValues<TWidth>(
        Rows<Double<TWidth>> keysAndValues, AttentionHeads<TWidth, TWidth> heads, Integers lengths, Integers slots, KeyValueCache<TWidth> cache)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var rows = keysAndValues.Count;
        var shape = Shape(heads, lengths.Count, rows, rows);
        Need(keysAndValues, rows);
        NeedChoices(lengths, shape.Sequences, 0, Math.Min(shape.KeyLength, cache.Capacity) + 1);
        Need(slots, cache, shape.Sequences);
        AttentionInputs inputs = new(default, keysAndValues.Key().Slice, keysAndValues.Value().Slice, default, lengths.Start);
        StoreKeysAndValues(inputs, slots.Start, cache.Keys, cache.Values, cache.Capacity, shape);
    }

    /// <summary>
    /// One query a row against a cache that is only read: row s of <paramref name="query"/> attends to positions 0 to <paramref name="positions"/>[s]
    /// of slot <paramref name="slots"/>[s]. Several rows may look at the same slot.
    /// </summary>
    public void AttentionCached<TWidth>(
        Rows<TWidth> query, AttentionHeads<TWidth, TWidth> heads, Integers positions, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = Shape(heads, y.Count, y.Count, y.Count);
        Need(query, y.Count);
        NeedChoices(positions, y.Count, 0, cache.Capacity);
        Need(slots, cache, y.Count);
        Need(y, y.Count);
        AttentionInputs inputs = new(query.Columns().Slice, default, default, default, default);
        AttentionDecode(inputs, positions.Start, slots.Start, cache.Keys, cache.Values, cache.Capacity, y.Start, shape);
    }

    private static AttentionShape Shape<TQuery, TKey>(AttentionHeads<TQuery, TKey> heads, int sequences, int queryRows, int keyRows)
        where TQuery : struct, IDimension
        where TKey : struct, IDimension
    {
        heads.Check(nameof(heads));
        return new(
            sequences, PerSequence(queryRows, sequences), PerSequence(keyRows, sequences), heads.QueryHeads, heads.KeyHeads, heads.Size, heads.Mask);
    }

    private static int PerSequence(int rows, int sequences)
    {
        if (sequences == 0 ? rows != 0 : rows % sequences != 0)
            throw new ArgumentException($"{rows} rows do not belong to {sequences} sequences alike.", nameof(rows));
        return sequences == 0 ? 0 : rows / sequences;
    }

    private AttentionInputs Inputs<TQuery, TKey>(
        Columns<TQuery> query, Columns<TKey> key, Columns<TKey> value, Integers queryLengths, Integers keyLengths, in AttentionShape shape)
        where TQuery : struct, IDimension
        where TKey : struct, IDimension
    {
        Need(query, query.Count);
        Need(key, key.Count);
        Need(value, key.Count);
        NeedChoices(queryLengths, shape.Sequences, 0, shape.QueryLength + 1);
        NeedChoices(keyLengths, shape.Sequences, 0, shape.KeyLength + 1);
        return new(query.Slice, key.Slice, value.Slice, queryLengths.Start, keyLengths.Start);
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
    protected abstract void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape);

    /// <summary>The untyped core of <c>AttentionBackward</c>.</summary>
    protected abstract void AttentionBackward(
        Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients,
        in AttentionShape shape);

    /// <summary>Copies each sequence's keys and values into its slot: [slot, key head, position, head size].</summary>
    protected abstract void StoreKeysAndValues(
        in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape);

    /// <summary>
    /// The untyped core of <c>AttentionDecode</c>; the inputs have no lengths, the shape's lengths are 1, and it has as many key heads as query
    /// heads. Where the inputs have no keys and values, as those of <c>AttentionCached</c>, nothing is stored.
    /// </summary>
    protected abstract void AttentionDecode(
        in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y,
        in AttentionShape shape);
}
