namespace GptGen.Reference;

/// <content>Query by query: the scores of one query over the keys it may see are all that is ever held.</content>
public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Attention(Location qkv, Location lengths, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        var input = new Projections(Numbers(qkv, 3 * Elements(shape)), shape);
        var counts = Integers(lengths, shape.Sequences);
        var output = Numbers(y, Elements(shape));
        var logSumExps = NumbersOrNone(logSumExp, (nint)shape.Sequences * shape.Heads * shape.Length);
        var scores = new double[shape.Length];
        output.Clear();
        logSumExps.Clear();
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.Heads; head++)
            {
                for (var query = 0; query < counts[sequence]; query++)
                {
                    var visible = scores.AsSpan(0, Visible(shape.Mask, query, counts[sequence]));
                    input.Scores(sequence, head, query, visible);
                    var normalizer = LogSumExp(visible);
                    var result = output.Slice((sequence * shape.Length + query) * shape.Width + head * shape.HeadSize, shape.HeadSize);
                    for (var key = 0; key < visible.Length; key++)
                    {
                        var probability = Math.Exp(visible[key] - normalizer) * Keep(dropout, Element(shape, sequence, head, query, key));
                        var value = input.Value(sequence, head, key);
                        for (var i = 0; i < result.Length; i++)
                            result[i] += probability * value[i];
                    }

                    if (!logSumExps.IsEmpty)
                        logSumExps[(sequence * shape.Heads + head) * shape.Length + query] = normalizer;
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void AttentionBackward(
        Location dy, Location qkv, Location y, Location logSumExp, Location lengths, DropoutSite dropout, Location dQkv, in AttentionShape shape)
    {
        var input = new Projections(Numbers(qkv, 3 * Elements(shape)), shape);
        var inputGradient = new Projections(Numbers(dQkv, 3 * Elements(shape)), shape);
        var counts = Integers(lengths, shape.Sequences);
        var outputGradient = Numbers(dy, Elements(shape));
        var probabilities = new double[shape.Length];
        var probabilityGradients = new double[shape.Length];
        inputGradient.Clear();
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.Heads; head++)
            {
                for (var query = 0; query < counts[sequence]; query++)
                {
                    var visible = probabilities.AsSpan(0, Visible(shape.Mask, query, counts[sequence]));
                    input.Scores(sequence, head, query, visible);
                    var normalizer = LogSumExp(visible);
                    var gradient = outputGradient.Slice((sequence * shape.Length + query) * shape.Width + head * shape.HeadSize, shape.HeadSize);

                    // y = sum of dropped p_k v_k, so dv_k = dropped p_k dy, and dp_k = mask_k dy . v_k.
                    var mean = 0.0;
                    for (var key = 0; key < visible.Length; key++)
                    {
                        var keep = Keep(dropout, Element(shape, sequence, head, query, key));
                        var value = input.Value(sequence, head, key);
                        var valueGradient = inputGradient.Value(sequence, head, key);
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
                    for (var key = 0; key < visible.Length; key++)
                    {
                        var scoreGradient = visible[key] * (probabilityGradients[key] - mean) / Math.Sqrt(shape.HeadSize);
                        for (var i = 0; i < shape.HeadSize; i++)
                        {
                            inputGradient.Query(sequence, head, query)[i] += scoreGradient * input.Key(sequence, head, key)[i];
                            inputGradient.Key(sequence, head, key)[i] += scoreGradient * input.Query(sequence, head, query)[i];
                        }
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void StoreKeysAndValues(
        Location qkv, Location lengths, Location slots, Location keys, Location values, int capacity, in AttentionShape shape)
    {
        var input = new Projections(Numbers(qkv, 3 * Elements(shape)), shape);
        var counts = Integers(lengths, shape.Sequences);
        var places = Integers(slots, shape.Sequences);
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.Heads; head++)
            {
                for (var position = 0; position < counts[sequence]; position++)
                {
                    input.Key(sequence, head, position).CopyTo(Cached(keys, places[sequence], head, position, capacity, shape));
                    input.Value(sequence, head, position).CopyTo(Cached(values, places[sequence], head, position, capacity, shape));
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void AttentionDecode(
        Location qkv, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape)
    {
        var input = new Projections(Numbers(qkv, 3 * Elements(shape)), shape);
        var newest = Integers(positions, shape.Sequences);
        var places = Integers(slots, shape.Sequences);
        var output = Numbers(y, Elements(shape));
        output.Clear();
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.Heads; head++)
            {
                var slot = places[sequence];
                var position = newest[sequence];
                input.Key(sequence, head, 0).CopyTo(Cached(keys, slot, head, position, capacity, shape));
                input.Value(sequence, head, 0).CopyTo(Cached(values, slot, head, position, capacity, shape));
                var scores = new double[position + 1];
                for (var key = 0; key < scores.Length; key++)
                    scores[key] = Score(input.Query(sequence, head, 0), Cached(keys, slot, head, key, capacity, shape));
                var normalizer = LogSumExp(scores);
                for (var key = 0; key < scores.Length; key++)
                {
                    var value = Cached(values, slot, head, key, capacity, shape);
                    for (var i = 0; i < shape.HeadSize; i++)
                        output[sequence * shape.Width + head * shape.HeadSize + i] += Math.Exp(scores[key] - normalizer) * value[i];
                }
            }
        }
    }

    private static nint Elements(in AttentionShape shape) => (nint)shape.Sequences * shape.Length * shape.Width;

    private static int Visible(AttentionMask mask, int query, int length) => mask == AttentionMask.Causal ? query + 1 : length;

    private static long Element(in AttentionShape shape, int sequence, int head, int query, int key) =>
        (((long)sequence * shape.Heads + head) * shape.Length + query) * shape.Length + key;

    private static Span<double> Cached(Location cache, int slot, int head, int position, int capacity, in AttentionShape shape) =>
        Numbers(cache.Plus((((nint)slot * shape.Heads + head) * capacity + position) * shape.HeadSize), shape.HeadSize);

    private static double Score(ReadOnlySpan<double> query, ReadOnlySpan<double> key)
    {
        var sum = 0.0;
        for (var i = 0; i < query.Length; i++)
            sum += query[i] * key[i];
        return sum / Math.Sqrt(query.Length);
    }

    /// <summary>Queries, keys and values of a batch, or their gradients: [sequences x length, 3 x width].</summary>
    private readonly ref struct Projections(Span<double> numbers, AttentionShape shape)
    {
        private readonly Span<double> numbers = numbers;
        private readonly AttentionShape shape = shape;

        public Span<double> Query(int sequence, int head, int position) => Part(0, sequence, head, position);

        public Span<double> Key(int sequence, int head, int position) => Part(1, sequence, head, position);

        public Span<double> Value(int sequence, int head, int position) => Part(2, sequence, head, position);

        public void Scores(int sequence, int head, int query, Span<double> scores)
        {
            for (var key = 0; key < scores.Length; key++)
                scores[key] = Score(Query(sequence, head, query), Key(sequence, head, key));
        }

        public void Clear() => numbers.Clear();

        private Span<double> Part(int part, int sequence, int head, int position) =>
            numbers.Slice(((sequence * shape.Length + position) * 3 + part) * shape.Width + head * shape.HeadSize, shape.HeadSize);
    }
}
