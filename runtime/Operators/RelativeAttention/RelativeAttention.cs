namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Attention by content and by distance, over a memory of earlier rows (Transformer-XL, Dai et al. 2019, section 3.3). A sequence's rows of
    /// <paramref name="qkv"/>, [sequences x key length, 3 TWidth], are its memory and then its queries' own; what the earlier rows have for queries
    /// is not looked at. Query i, counted from the memory's end, scores key j &lt;= memory + i for each head with
    /// ((q_i + u) · k_j + (q_i + v) · r_d) / sqrt(head size), where d = memory + i - j is their distance, u and v are the biases, and r_d is row d of
    /// <paramref name="distances"/>, [at least key length, TWidth]. y = dropout(softmax(scores)) v is [sequences x query length, TWidth].
    /// <paramref name="window"/>, unless 0, is the most keys that a query sees, the nearest ones, its own among them. The heads' mask is causal.
    /// <paramref name="logSumExp"/>, [sequences, heads, query length], is kept for the backward pass unless absent. The dropout's element index is
    /// ((sequence x heads + head) x query length + query) x key length + key.
    /// </summary>
    /// <exception cref="ArgumentException">The rows do not belong to so many sequences alike, or there are more queries than keys.</exception>
    public void RelativeAttention<TWidth>(
        Rows<Triple<TWidth>> qkv, Rows<TWidth> distances, Vector<TWidth> contentBias, Vector<TWidth> positionBias,
        AttentionHeads<TWidth, TWidth> heads, int sequences, int window, DropoutSite dropout, Rows<TWidth> y, Statistics logSumExp)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = RelativeShape(heads, sequences, y.Count, qkv.Count);
        var inputs = Inputs(qkv, distances, contentBias, positionBias, window, shape);
        Need(y, y.Count);
        NeedOrNone(logSumExp, (nint)y.Count * shape.QueryHeads);
        RelativeAttention(inputs, dropout, y.Start, logSumExp.Start, shape);
    }

    /// <summary>
    /// The gradients of relative attention. <paramref name="dQkv"/> and <paramref name="dDistances"/> are written whole: the queries of memory rows
    /// get zero, and so do rows of dDistances that no distance belongs to. <paramref name="write"/> is for the gradients of the two biases.
    /// </summary>
    /// <exception cref="ArgumentException">The rows do not belong to so many sequences alike, or there are more queries than keys.</exception>
    public void RelativeAttentionBackward<TWidth>(
        Rows<TWidth> dy, Rows<Triple<TWidth>> qkv, Rows<TWidth> distances, Vector<TWidth> contentBias, Vector<TWidth> positionBias, Rows<TWidth> y,
        Statistics logSumExp, AttentionHeads<TWidth, TWidth> heads, int sequences, int window, DropoutSite dropout, Rows<Triple<TWidth>> dQkv,
        Rows<TWidth> dDistances, Vector<TWidth> dContentBias, Vector<TWidth> dPositionBias, GradientWrite write)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = RelativeShape(heads, sequences, dy.Count, qkv.Count);
        var inputs = Inputs(qkv, distances, contentBias, positionBias, window, shape);
        Need(dy, dy.Count);
        Need(y, dy.Count);
        Need(logSumExp, (nint)dy.Count * shape.QueryHeads);
        Need(dQkv, qkv.Count);
        Need(dDistances, shape.KeyLength);
        Need(dContentBias);
        Need(dPositionBias);
        RelativeAttentionBackward(
            dy.Start, inputs, y.Start, logSumExp.Start, dropout,
            new(dQkv.Start, dDistances.Start, dDistances.Count, dContentBias.Start, dPositionBias.Start, write), shape);
    }

    /// <summary>
    /// One new token a row, against a ring of earlier keys and values. The rows of <paramref name="qkv"/>, [tokens x sequences, 3 TWidth], are the
    /// next tokens of some sequences, the first of all of them before the second of any. Row r stands at <paramref name="positions"/>[r], which may
    /// grow without end: its key and value take the place of the oldest, position modulo the cache's capacity of slot
    /// <paramref name="slots"/>[r modulo sequences], and it attends to the last positions[r] + 1 positions, at most to as many as the capacity.
    /// Several tokens give what one call for each would. <paramref name="distances"/> has a row for each distance below the capacity.
    /// </summary>
    /// <exception cref="ArgumentException">The rows do not belong to so many sequences alike.</exception>
    public void RelativeAttentionDecode<TWidth>(
        Rows<Triple<TWidth>> qkv, Rows<TWidth> distances, Vector<TWidth> contentBias, Vector<TWidth> positionBias,
        AttentionHeads<TWidth, TWidth> heads, Integers positions, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var shape = RelativeShape(heads, slots.Count, y.Count, y.Count);
        Need(qkv, y.Count);
        Need(distances, cache.Capacity);
        Need(contentBias);
        Need(positionBias);
        NeedChoices(positions, y.Count, 0, int.MaxValue);
        Need(slots, cache, slots.Count);
        if (cache.Capacity == 0)
            throw new ArgumentException("A cache without positions cannot take a token.", nameof(cache));
        Need(y, y.Count);
        RelativeAttentionDecode(
            new(qkv.Start, distances.Start, contentBias.Start, positionBias.Start, cache.Capacity), positions.Start, slots.Start, cache.Keys,
            cache.Values, y.Start, shape);
    }

    private static AttentionShape RelativeShape<TWidth>(AttentionHeads<TWidth, TWidth> heads, int sequences, int queryRows, int keyRows)
        where TWidth : struct, IDimension
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequences);
        var shape = Shape(heads, sequences, queryRows, keyRows);
        if (shape.Mask != AttentionMask.Causal)
            throw new ArgumentException("Relative attention has a causal mask.", nameof(heads));
        if (shape.QueryLength > shape.KeyLength)
            throw new ArgumentException($"{shape.QueryLength} queries cannot be the last of {shape.KeyLength} rows.", nameof(queryRows));
        return shape;
    }

    private RelativeInputs Inputs<TWidth>(
        Rows<Triple<TWidth>> qkv, Rows<TWidth> distances, Vector<TWidth> contentBias, Vector<TWidth> positionBias, int window,
        in AttentionShape shape)
        where TWidth : struct, IDimension
    {
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        Need(qkv, qkv.Count);
        Need(distances, shape.KeyLength);
        Need(contentBias);
        Need(positionBias);
        return new(
            qkv.Start, distances.Start, contentBias.Start, positionBias.Start, window == 0 ? shape.KeyLength : Math.Min(window, shape.KeyLength));
    }

    /// <summary>The untyped core of <c>RelativeAttention</c>.</summary>
    protected abstract void RelativeAttention(
        in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape);

    /// <summary>The untyped core of <c>RelativeAttentionBackward</c>.</summary>
    protected abstract void RelativeAttentionBackward(
        Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients,
        in AttentionShape shape);

    /// <summary>
    /// The untyped core of <c>RelativeAttentionDecode</c>; the inputs' window is the cache's capacity, and the shape's lengths are the tokens of each
    /// sequence.
    /// </summary>
    protected abstract void RelativeAttentionDecode(
        in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape);
}
