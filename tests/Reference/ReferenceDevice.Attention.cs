namespace GptGen.Reference;

/// <content>Query by query: the scores of one query over the keys it may see are all that is ever held.</content>
public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        var queries = Queries(inputs.Query, shape);
        var keys = Keys(inputs.Key, shape);
        var values = Keys(inputs.Value, shape);
        var outputs = Queries(new(y, shape.QueryWidth), shape);
        var logSumExps = NumbersOrNone(logSumExp, (nint)shape.Sequences * shape.QueryHeads * shape.QueryLength);
        var scores = new double[shape.KeyLength];
        outputs.Clear();
        logSumExps.Clear();
        foreach (var (sequence, head, query, seen) in SeeingQueries(inputs, shape))
        {
            var visible = scores.AsSpan(0, seen);
            Scores(queries[sequence, query, head], keys, sequence, head / shape.Group, visible);
            var normalizer = LogSumExp(visible);
            var result = outputs[sequence, query, head];
            for (var key = 0; key < seen; key++)
            {
                var probability = Math.Exp(visible[key] - normalizer) * Keep(dropout, Element(shape, sequence, head, query, key));
                var value = values[sequence, key, head / shape.Group];
                for (var i = 0; i < result.Length; i++)
                    result[i] += probability * value[i];
            }

            if (!logSumExps.IsEmpty)
                logSumExps[(sequence * shape.QueryHeads + head) * shape.QueryLength + query] = normalizer;
        }
    }

    /// <inheritdoc/>
    protected override void AttentionBackward(
        Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients,
        in AttentionShape shape)
    {
        var queries = Queries(inputs.Query, shape);
        var keys = Keys(inputs.Key, shape);
        var values = Keys(inputs.Value, shape);
        var dQueries = Queries(gradients.Query, shape);
        var dKeys = Keys(gradients.Key, shape);
        var dValues = Keys(gradients.Value, shape);
        var outputGradients = Queries(new(dy, shape.QueryWidth), shape);
        var probabilities = new double[shape.KeyLength];
        var probabilityGradients = new double[shape.KeyLength];
        dQueries.Clear();
        dKeys.Clear();
        dValues.Clear();
        foreach (var (sequence, head, query, seen) in SeeingQueries(inputs, shape))
        {
            var visible = probabilities.AsSpan(0, seen);
            var keyHead = head / shape.Group;
            Scores(queries[sequence, query, head], keys, sequence, keyHead, visible);
            var normalizer = LogSumExp(visible);
            var gradient = outputGradients[sequence, query, head];

            // y = sum of dropped p_k v_k, so dv_k = dropped p_k dy, and dp_k = mask_k dy . v_k.
            var mean = 0.0;
            for (var key = 0; key < seen; key++)
            {
                var keep = Keep(dropout, Element(shape, sequence, head, query, key));
                var value = values[sequence, key, keyHead];
                var valueGradient = dValues[sequence, key, keyHead];
                visible[key] = Math.Exp(visible[key] - normalizer);
                probabilityGradients[key] = 0;
                for (var i = 0; i < gradient.Length; i++)
                {
                    valueGradient[i] += visible[key] * keep * gradient[i];
                    probabilityGradients[key] += keep * gradient[i] * value[i];
                }

                mean += visible[key] * probabilityGradients[key];
            }

            // Softmax: ds_k = p_k (dp_k - sum over j of p_j dp_j); the scores are s_k = q . k_k / sqrt(head size).
            for (var key = 0; key < seen; key++)
            {
                var scoreGradient = visible[key] * (probabilityGradients[key] - mean) / Math.Sqrt(shape.HeadSize);
                for (var i = 0; i < shape.HeadSize; i++)
                {
                    dQueries[sequence, query, head][i] += scoreGradient * keys[sequence, key, keyHead][i];
                    dKeys[sequence, key, keyHead][i] += scoreGradient * queries[sequence, query, head][i];
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void StoreKeysAndValues(
        in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape)
    {
        var newKeys = Keys(inputs.Key, shape);
        var newValues = Keys(inputs.Value, shape);
        var counts = Integers(inputs.KeyLengths, shape.Sequences);
        var places = Integers(slots, shape.Sequences);
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.KeyHeads; head++)
            {
                for (var position = 0; position < counts[sequence]; position++)
                {
                    newKeys[sequence, position, head].CopyTo(Cached(keys, places[sequence], head, position, capacity, shape));
                    newValues[sequence, position, head].CopyTo(Cached(values, places[sequence], head, position, capacity, shape));
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void AttentionDecode(
        in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y,
        in AttentionShape shape)
    {
        var queries = Queries(inputs.Query, shape);
        var isStored = !inputs.Key.Start.IsNone;
        var newKeys = isStored ? Keys(inputs.Key, shape) : default;
        var newValues = isStored ? Keys(inputs.Value, shape) : default;
        var outputs = Queries(new(y, shape.QueryWidth), shape);
        var newest = Integers(positions, shape.Sequences);
        var places = Integers(slots, shape.Sequences);
        outputs.Clear();
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.QueryHeads; head++)
            {
                var slot = places[sequence];
                var position = newest[sequence];
                if (isStored)
                {
                    newKeys[sequence, 0, head].CopyTo(Cached(keys, slot, head, position, capacity, shape));
                    newValues[sequence, 0, head].CopyTo(Cached(values, slot, head, position, capacity, shape));
                }

                var scores = new double[position + 1];
                for (var key = 0; key < scores.Length; key++)
                    scores[key] = Score(queries[sequence, 0, head], Cached(keys, slot, head, key, capacity, shape));
                var normalizer = LogSumExp(scores);
                for (var key = 0; key < scores.Length; key++)
                {
                    var value = Cached(values, slot, head, key, capacity, shape);
                    for (var i = 0; i < shape.HeadSize; i++)
                        outputs[sequence, 0, head][i] += Math.Exp(scores[key] - normalizer) * value[i];
                }
            }
        }
    }

    /// <summary>The queries of every head that see a key, and how many.</summary>
    private static List<(int Sequence, int Head, int Query, int Seen)> SeeingQueries(in AttentionInputs inputs, in AttentionShape shape)
    {
        var list = new List<(int, int, int, int)>();
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            var queries = Integers(inputs.QueryLengths, shape.Sequences)[sequence];
            var keys = Integers(inputs.KeyLengths, shape.Sequences)[sequence];
            for (var head = 0; head < shape.QueryHeads; head++)
            {
                for (var query = 0; query < queries; query++)
                {
                    var seen = 0;
                    while (seen < keys && (shape.Mask == AttentionMask.Full || seen <= query + (keys - queries)))
                        seen++;
                    if (seen > 0)
                        list.Add((sequence, head, query, seen));
                }
            }
        }

        return list;
    }

    private static HeadRows Queries(ColumnSlice slice, in AttentionShape shape) =>
        Heads(slice, shape.Sequences, shape.QueryLength, shape.QueryWidth, shape.HeadSize);

    private static HeadRows Keys(ColumnSlice slice, in AttentionShape shape) =>
        Heads(slice, shape.Sequences, shape.KeyLength, shape.KeyWidth, shape.HeadSize);

    private static HeadRows Heads(ColumnSlice slice, int sequences, int length, int width, int size)
    {
        var rows = sequences * length;
        return new(rows == 0 ? default : Numbers(slice.Start, ((nint)rows - 1) * slice.Stride + width), slice.Stride, rows, length, width, size);
    }

    private static void Scores(ReadOnlySpan<double> query, HeadRows keys, int sequence, int head, Span<double> scores)
    {
        for (var key = 0; key < scores.Length; key++)
            scores[key] = Score(query, keys[sequence, key, head]);
    }

    private static long Element(in AttentionShape shape, int sequence, int head, int query, int key) =>
        (((long)sequence * shape.QueryHeads + head) * shape.QueryLength + query) * shape.KeyLength + key;

    private static Span<double> Cached(Location cache, int slot, int head, int position, int capacity, in AttentionShape shape) =>
        Numbers(cache.Plus((((nint)slot * shape.KeyHeads + head) * capacity + position) * shape.HeadSize), shape.HeadSize);

    private static double Score(ReadOnlySpan<double> query, ReadOnlySpan<double> key)
    {
        var sum = 0.0;
        for (var i = 0; i < query.Length; i++)
            sum += query[i] * key[i];
        return sum / Math.Sqrt(query.Length);
    }

    /// <summary>Queries, keys, values or gradients of them: of each row the columns of each head.</summary>
    private readonly ref struct HeadRows(Span<double> numbers, int stride, int rows, int length, int width, int size)
    {
        private readonly Span<double> numbers = numbers;

        public Span<double> this[int sequence, int position, int head] => numbers.Slice((sequence * length + position) * stride + head * size, size);

        public void Clear()
        {
            for (var row = 0; row < rows; row++)
                numbers.Slice(row * stride, width).Clear();
        }
    }
}
