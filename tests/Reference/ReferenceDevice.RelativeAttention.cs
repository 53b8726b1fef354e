namespace GptGen.Reference;

/// <content>The formula of Dai et al. 2019, section 3.3, term by term: every pair of query and key looks up their distance.</content>
public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void RelativeAttention(
        in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        if (shape.Sequences * shape.QueryLength == 0)
            return;
        var operands = new RelativeOperands(inputs, shape);
        var outputs = Numbers(y, (nint)shape.Sequences * shape.QueryLength * shape.QueryWidth);
        var normalizers = NumbersOrNone(logSumExp, (nint)shape.Sequences * shape.QueryHeads * shape.QueryLength);
        outputs.Clear();
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.QueryHeads; head++)
            {
                for (var query = 0; query < shape.QueryLength; query++)
                {
                    var keys = operands.KeysOf(query);
                    var scores = keys.Select(key => 0.0).ToArray();
                    for (var i = 0; i < keys.Count; i++)
                        scores[i] = operands.Score(sequence, head, query, keys[i]);
                    var normalizer = LogSumExp(scores);
                    for (var i = 0; i < keys.Count; i++)
                    {
                        var probability = Math.Exp(scores[i] - normalizer) * Keep(dropout, Element(shape, sequence, head, query, keys[i]));
                        for (var column = 0; column < shape.HeadSize; column++)
                            outputs[operands.Output(sequence, head, query) + column] += probability * operands.Value(sequence, head, keys[i])[column];
                    }

                    if (!normalizers.IsEmpty)
                        normalizers[(sequence * shape.QueryHeads + head) * shape.QueryLength + query] = normalizer;
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void RelativeAttentionBackward(
        Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients,
        in AttentionShape shape)
    {
        var width = shape.QueryWidth;
        var dContent = Numbers(gradients.ContentBias, width);
        var dPosition = Numbers(gradients.PositionBias, width);
        BeginGradient(dContent, gradients.BiasWrite);
        BeginGradient(dPosition, gradients.BiasWrite);
        Numbers(gradients.Distances, (nint)gradients.DistanceRows * width).Clear();
        Numbers(gradients.Qkv, (nint)shape.Sequences * shape.KeyLength * 3 * width).Clear();
        if (shape.Sequences * shape.QueryLength == 0)
            return;
        var operands = new RelativeOperands(inputs, shape);
        var changes = new RelativeOperands(
            new(gradients.Qkv, gradients.Distances, gradients.ContentBias, gradients.PositionBias, inputs.Window), shape);
        var outputGradients = Numbers(dy, (nint)shape.Sequences * shape.QueryLength * width);
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (var head = 0; head < shape.QueryHeads; head++)
            {
                for (var query = 0; query < shape.QueryLength; query++)
                {
                    var keys = operands.KeysOf(query);
                    var (probabilities, slopes) = (new double[keys.Count], new double[keys.Count]);
                    for (var i = 0; i < keys.Count; i++)
                        probabilities[i] = operands.Score(sequence, head, query, keys[i]);
                    var normalizer = LogSumExp(probabilities);
                    var gradient = outputGradients.Slice(operands.Output(sequence, head, query), shape.HeadSize);
                    var mean = 0.0;
                    for (var i = 0; i < keys.Count; i++)
                    {
                        probabilities[i] = Math.Exp(probabilities[i] - normalizer);
                        var keep = Keep(dropout, Element(shape, sequence, head, query, keys[i]));
                        for (var column = 0; column < shape.HeadSize; column++)
                        {
                            slopes[i] += keep * gradient[column] * operands.Value(sequence, head, keys[i])[column];
                            changes.Value(sequence, head, keys[i])[column] += probabilities[i] * keep * gradient[column];
                        }

                        mean += probabilities[i] * slopes[i];
                    }

                    for (var i = 0; i < keys.Count; i++)
                    {
                        var slope = probabilities[i] * (slopes[i] - mean) / Math.Sqrt(shape.HeadSize);
                        operands.Differentiate(changes, slope, sequence, head, query, keys[i]);
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void RelativeAttentionDecode(
        in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape)
    {
        if (shape.Sequences == 0)
            return;
        var (capacity, tokens) = (inputs.Window, shape.QueryLength);
        // Each token of each sequence is a row of its own.
        var rows = shape with { Sequences = shape.Sequences * tokens, QueryLength = 1, KeyLength = 1 };
        var operands = new RelativeOperands(inputs, rows);
        var newest = Integers(positions, rows.Sequences);
        var places = Integers(slots, shape.Sequences);
        var outputs = Numbers(y, (nint)rows.Sequences * shape.QueryWidth);
        outputs.Clear();
        for (var row = 0; row < rows.Sequences; row++)
        {
            var slot = places[row % shape.Sequences];
            for (var head = 0; head < shape.QueryHeads; head++)
            {
                operands.Key(row, head, 0).CopyTo(Cached(keys, slot, head, newest[row] % capacity, capacity, rows));
                operands.Value(row, head, 0).CopyTo(Cached(values, slot, head, newest[row] % capacity, capacity, rows));
                var seen = (int)Math.Min(newest[row] + 1L, capacity);
                var scores = new double[seen];
                for (var distance = 0; distance < seen; distance++)
                {
                    var key = Cached(keys, slot, head, (newest[row] - distance) % capacity, capacity, rows);
                    scores[distance] = operands.Score(operands.Query(row, head, 0), key, head, distance);
                }

                var normalizer = LogSumExp(scores);
                for (var distance = 0; distance < seen; distance++)
                {
                    var value = Cached(values, slot, head, (newest[row] - distance) % capacity, capacity, rows);
                    for (var column = 0; column < shape.HeadSize; column++)
                        outputs[operands.Output(row, head, 0) + column] += Math.Exp(scores[distance] - normalizer) * value[column];
                }
            }
        }
    }

    /// <summary>What relative attention reads, or the gradients of it, by sequence, head and position.</summary>
    private readonly ref struct RelativeOperands(RelativeInputs inputs, AttentionShape shape)
    {
        private readonly Span<double> qkv = Numbers(inputs.Qkv, (nint)shape.Sequences * shape.KeyLength * 3 * shape.QueryWidth);
        private readonly Span<double> distances = Numbers(inputs.Distances, (nint)Math.Max(shape.KeyLength, inputs.Window) * shape.QueryWidth);
        private readonly Span<double> contentBias = Numbers(inputs.ContentBias, shape.QueryWidth);
        private readonly Span<double> positionBias = Numbers(inputs.PositionBias, shape.QueryWidth);

        private int Memory => shape.KeyLength - shape.QueryLength;

        public Span<double> Query(int sequence, int head, int query) => Part(sequence, head, Memory + query, 0);

        public Span<double> Key(int sequence, int head, int key) => Part(sequence, head, key, 1);

        public Span<double> Value(int sequence, int head, int key) => Part(sequence, head, key, 2);

        public int Output(int sequence, int head, int query) => (sequence * shape.QueryLength + query) * shape.QueryWidth + head * shape.HeadSize;

        /// <summary>The keys that a query sees.</summary>
        public List<int> KeysOf(int query)
        {
            var (own, window) = (Memory + query, inputs.Window);
            return [.. Enumerable.Range(0, shape.KeyLength).Where(key => key <= own && key > own - window)];
        }

        public double Score(int sequence, int head, int query, int key) =>
            Score(Query(sequence, head, query), Key(sequence, head, key), head, Memory + query - key);

        public double Score(ReadOnlySpan<double> query, ReadOnlySpan<double> key, int head, int distance)
        {
            var sum = 0.0;
            for (var i = 0; i < shape.HeadSize; i++)
            {
                sum += query[i] * key[i] + query[i] * Of(distances, distance, head)[i]
                    + Of(contentBias, 0, head)[i] * key[i] + Of(positionBias, 0, head)[i] * Of(distances, distance, head)[i];
            }

            return sum / Math.Sqrt(shape.HeadSize);
        }

        /// <summary>Adds a product's part of all gradients; <paramref name="slope"/> is that of the sum before it is divided.</summary>
        public void Differentiate(RelativeOperands changes, double slope, int sequence, int head, int query, int key)
        {
            var distance = Memory + query - key;
            for (var i = 0; i < shape.HeadSize; i++)
            {
                var (q, k) = (Query(sequence, head, query)[i], Key(sequence, head, key)[i]);
                var (r, u, v) = (Of(distances, distance, head)[i], Of(contentBias, 0, head)[i], Of(positionBias, 0, head)[i]);
                changes.Query(sequence, head, query)[i] += slope * (k + r);
                changes.Key(sequence, head, key)[i] += slope * (q + u);
                changes.Of(changes.distances, distance, head)[i] += slope * (q + v);
                changes.Of(changes.contentBias, 0, head)[i] += slope * k;
                changes.Of(changes.positionBias, 0, head)[i] += slope * r;
            }
        }

        private Span<double> Part(int sequence, int head, int row, int part) =>
            qkv.Slice(((sequence * shape.KeyLength + row) * 3 + part) * shape.QueryWidth + head * shape.HeadSize, shape.HeadSize);

        private Span<double> Of(Span<double> rows, int row, int head) => rows.Slice(row * shape.QueryWidth + head * shape.HeadSize, shape.HeadSize);
    }
}
