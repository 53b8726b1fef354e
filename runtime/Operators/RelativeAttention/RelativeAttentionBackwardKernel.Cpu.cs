namespace GptGen.Cpu;

/// <summary>
/// Gradients of one head, of a part of the sequences. The distances' and the biases' are sums over sequences: each part has its own, and which
/// sequences are a part does not depend on the threads. As in <see cref="AttentionBackwardKernel"/>, probabilities p are computed again; with
/// dp = dropout(dy · v) and delta = dy · y, the scores' gradient is p (dp - delta).
/// </summary>
/// <param name="dy">The outputs' gradient.</param>
/// <param name="operands">What was read.</param>
/// <param name="y">The outputs.</param>
/// <param name="logSumExp">Kept by the forward pass.</param>
/// <param name="mask">The probabilities' dropout.</param>
/// <param name="dQkv">The gradient of queries, keys and values.</param>
/// <param name="distanceSums">The distances' gradients, in falling order of the distances, [part, head, padded length, padded size].</param>
/// <param name="biasSums">The gradients of content and position bias, [part, 2, width].</param>
/// <param name="scratch">Room of the workers.</param>
internal readonly unsafe struct RelativeAttentionBackwardKernel(
    float* dy, RelativeOperands operands, float* y, float* logSumExp, DropoutMask mask, float* dQkv, float* distanceSums, float* biasSums,
    float* scratch) : IRangeKernel
{
    private const int MostParts = 4;

    /// <summary>Parts of the sequences.</summary>
    public static nint Parts(in AttentionShape shape) => shape.KeyLength == 0 ? 0 : Math.Min(shape.Sequences, MostParts);

    /// <summary>Floats of scratch that a worker needs.</summary>
    public static nint ScratchFloats(in AttentionShape shape) =>
        RelativeScores.Floats(shape) + 5 * AttentionStrip.KeyFloats(shape) + 2 * AttentionStrip.ScoreFloats(shape) +
        2 * AttentionStrip.QueryFloats(shape);

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* room = scratch + worker * ScratchFloats(operands.Shape);
        for (nint item = first; item < last; item++)
        {
            if (AttentionStrip.HasTallTiles<TSimd, TVector>())
                Part<TSimd, TVector, MicroKernel12<TSimd, TVector>>(item, room);
            else
                Part<TSimd, TVector, MicroKernel6<TSimd, TVector>>(item, room);
        }
    }

    private void Part<TSimd, TVector, TKernel>(nint item, float* room)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TKernel : struct, IMicroKernel
    {
        AttentionShape shape = operands.Shape;
        nint part = item / shape.QueryHeads, head = item % shape.QueryHeads, parts = Parts(shape), size = shape.HeadSize;
        Room own = new(room, operands);
        own.Scores.PackDistances<TKernel>(head);
        AttentionStrip.PackColumns(
            operands.Distance(shape.KeyLength - 1, head), -shape.QueryWidth, size, shape.KeyLength, TKernel.Columns, own.DistanceColumns);
        Sums sums = new(
            distanceSums + item * AttentionStrip.KeyFloats(shape), biasSums + part * 2 * shape.QueryWidth + head * size,
            biasSums + (part * 2 + 1) * shape.QueryWidth + head * size);
        new CpuRange(sums.Distances, AttentionStrip.KeyFloats(shape)).Clear();
        new CpuRange(sums.ContentBias, size).Clear();
        new CpuRange(sums.PositionBias, size).Clear();
        for (nint sequence = part * shape.Sequences / parts; sequence < (part + 1) * shape.Sequences / parts; sequence++)
            Sequence<TSimd, TVector, TKernel>(sequence, head, own, sums);
    }

    private void Sequence<TSimd, TVector, TKernel>(nint sequence, nint head, in Room room, in Sums sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TKernel : struct, IMicroKernel
    {
        AttentionShape shape = operands.Shape;
        nint size = shape.HeadSize, keyCount = shape.KeyLength, paddedSize = AttentionStrip.PaddedSize(shape), stride = operands.Stride;
        float* keys = operands.Key(sequence, 0, head);
        room.Scores.PackKeys<TKernel>(sequence, head);
        AttentionStrip.PackLines(operands.Value(sequence, 0, head), stride, keyCount, size, TKernel.Columns, room.ValueLines);
        nint sizePanels = AttentionStrip.PackColumns(keys, stride, size, keyCount, TKernel.Columns, room.KeyColumns);
        new CpuRange(room.KeySums, 2 * AttentionStrip.KeyFloats(shape)).Clear();
        for (nint query = 0; query < shape.QueryLength; query += AttentionStrip.Queries)
            Strip<TSimd, TVector, TKernel>(sequence, head, query, sizePanels, room, sums);

        for (nint position = 0; position < keyCount; position++)
        {
            float* gradient = Gradient(sequence, position, head);
            if (position < operands.Memory)
                new CpuRange(gradient, size).Clear();
            CpuRange.Copy(room.KeySums + position * paddedSize, gradient + shape.QueryWidth, size);
            CpuRange.Copy(room.ValueSums + position * paddedSize, gradient + 2 * shape.QueryWidth, size);
        }
    }

    /// <summary>A strip of queries: their gradients, and what they add to all others.</summary>
    private void Strip<TSimd, TVector, TKernel>(nint sequence, nint head, nint query, nint sizePanels, in Room room, in Sums sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TKernel : struct, IMicroKernel
    {
        AttentionShape shape = operands.Shape;
        nint size = shape.HeadSize, keyCount = shape.KeyLength, width = shape.QueryWidth;
        nint paddedLength = AttentionStrip.PaddedLength(shape), paddedSize = AttentionStrip.PaddedSize(shape);
        float* dOutput = dy + (sequence * shape.QueryLength + query) * width + head * size;
        float* probabilities = room.Scores.Scores, positions = room.Scores.Positions, gradients = room.Gradients, outputs = room.Right;
        RelativeStrip strip = room.Scores.Compute<TSimd, TVector, TKernel>(sequence, head, query);
        nint rowPanels = AttentionStrip.PackLines(dOutput, width, strip.Rows, size, TKernel.Rows, room.Left);
        PanelProduct.Multiply<TKernel>(
            size, room.Left, rowPanels, room.ValueLines + strip.FirstKey * size, (strip.Keys + TKernel.Columns - 1) / TKernel.Columns, size,
            gradients + strip.FirstKey, paddedLength);
        for (nint row = 0; row < strip.Rows; row++)
        {
            Query<TSimd, TVector>(
                sequence * shape.QueryHeads + head, query + row, strip, probabilities + row * paddedLength, gradients + row * paddedLength);
            SortByDistance(query + row, strip, gradients + row * paddedLength, positions + row * paddedLength);
        }

        AttentionStrip.PackLines(gradients + strip.FirstKey, paddedLength, strip.Rows, strip.Keys, TKernel.Rows, room.Left);
        PanelProduct.Multiply<TKernel>(
            strip.Keys, room.Left, rowPanels, room.KeyColumns + strip.FirstKey * TKernel.Columns, sizePanels, keyCount, outputs, paddedSize);
        for (nint row = 0; row < strip.Rows; row++)
        {
            CpuRange.Copy(outputs + row * paddedSize, Gradient(sequence, operands.Memory + query + row, head), size);
            VectorRuns.AddScaled<TSimd, TVector>(sums.ContentBias, outputs + row * paddedSize, 1f, size);
        }

        nint distances = keyCount - strip.FirstDistance;
        AttentionStrip.PackLines(positions + strip.FirstDistance, paddedLength, strip.Rows, distances, TKernel.Rows, room.Left);
        PanelProduct.Multiply<TKernel>(
            distances, room.Left, rowPanels, room.DistanceColumns + strip.FirstDistance * TKernel.Columns, sizePanels, keyCount, outputs, paddedSize);
        for (nint row = 0; row < strip.Rows; row++)
        {
            float* gradient = Gradient(sequence, operands.Memory + query + row, head);
            VectorRuns.AddScaled<TSimd, TVector>(gradient, outputs + row * paddedSize, 1f, size);
            VectorRuns.AddScaled<TSimd, TVector>(sums.PositionBias, outputs + row * paddedSize, 1f, size);
        }

        AddTransposed<TKernel>(gradients, strip.FirstKey, strip.Keys, room.Scores.ContentQueries, paddedSize, strip.Rows, room, room.KeySums);
        AddTransposed<TKernel>(probabilities, strip.FirstKey, strip.Keys, dOutput, width, strip.Rows, room, room.ValueSums);
        AddTransposed<TKernel>(
            positions, strip.FirstDistance, distances, room.Scores.PositionQueries, paddedSize, strip.Rows, room, sums.Distances);
    }

    /// <summary>
    /// One query: from its scores to probabilities (after dropout), and from the probabilities' gradients to the scores'. Keys that it does not
    /// see get zeros.
    /// </summary>
    private void Query<TSimd, TVector>(nint item, nint query, in RelativeStrip strip, float* probabilities, float* gradients)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        AttentionShape shape = operands.Shape;
        nint first = operands.First(query), seen = operands.Seen(query), count = seen - first, place = item * shape.QueryLength + query;
        nint element = place * shape.KeyLength + first, head = item % shape.QueryHeads;
        nint output = (item / shape.QueryHeads * shape.QueryLength + query) * shape.QueryWidth + head * shape.HeadSize;
        float scale = shape.Scale, delta = VectorRuns.Dot<TSimd, TVector>(dy + output, y + output, shape.HeadSize);
        VectorRuns.Exponentials<TSimd, TVector>(probabilities + first, probabilities + first, scale, logSumExp[place], count);
        if (mask.IsActive)
            mask.Apply(gradients + first, gradients + first, element, count);
        AttentionBackwardKernel.ScoreGradients<TSimd, TVector>(probabilities + first, gradients + first, delta, scale, count);
        if (mask.IsActive)
            mask.Apply(probabilities + first, probabilities + first, element, count);
        for (int line = 0; line < 2; line++)
        {
            float* values = line == 0 ? probabilities : gradients;
            new CpuRange(values + strip.FirstKey, first - strip.FirstKey).Clear();
            new CpuRange(values + seen, strip.EndOfKeys - seen).Clear();
        }
    }

    /// <summary>A query's gradients by key become those by distance, in falling order; distances at which there is no key get zeros.</summary>
    private void SortByDistance(nint query, in RelativeStrip strip, float* gradients, float* positions)
    {
        nint first = operands.First(query), to = operands.Shift(query) + first;
        new CpuRange(positions + strip.FirstDistance, to - strip.FirstDistance).Clear();
        CpuRange.Copy(gradients + first, positions + to, operands.Seen(query) - first);
    }

    /// <summary>sums[lines, size] += scores[rows, lines]^T · strip[rows, size], for lines from <paramref name="first"/> on.</summary>
    private void AddTransposed<TKernel>(
        float* scores, nint first, nint lines, float* strip, nint stride, nint rows, in Room room, float* sums)
        where TKernel : struct, IMicroKernel
    {
        AttentionShape shape = operands.Shape;
        nint linePanels = AttentionStrip.PackColumns(
            scores + first, AttentionStrip.PaddedLength(shape), lines, rows, TKernel.Rows, room.Left);
        nint sizePanels = AttentionStrip.PackColumns(strip, stride, shape.HeadSize, rows, TKernel.Columns, room.Right);
        nint paddedSize = AttentionStrip.PaddedSize(shape);
        PanelProduct.Multiply<TKernel>(
            rows, room.Left, linePanels, room.Right, sizePanels, rows, sums + first * paddedSize, paddedSize, accumulate: true);
    }

    private float* Gradient(nint sequence, nint row, nint head) =>
        dQkv + (sequence * operands.Shape.KeyLength + row) * operands.Stride + head * operands.Shape.HeadSize;

    /// <summary>Where a part's sums over its sequences go, of one head.</summary>
    private readonly struct Sums(float* distances, float* contentBias, float* positionBias)
    {
        public float* Distances => distances;

        public float* ContentBias => contentBias;

        public float* PositionBias => positionBias;
    }

    /// <summary>A worker's room: that of the scores, what else is packed of a head, sums of keys' and values' gradients, and one strip.</summary>
    private readonly struct Room
    {
        public Room(float* start, in RelativeOperands operands)
        {
            AttentionShape shape = operands.Shape;
            nint keyFloats = AttentionStrip.KeyFloats(shape), scoreFloats = AttentionStrip.ScoreFloats(shape);
            Scores = new(start, operands);
            DistanceColumns = start + RelativeScores.Floats(shape);
            ValueLines = DistanceColumns + keyFloats;
            KeyColumns = ValueLines + keyFloats;
            KeySums = KeyColumns + keyFloats;
            ValueSums = KeySums + keyFloats;
            Gradients = ValueSums + keyFloats;
            Left = Gradients + scoreFloats;
            Right = Left + Math.Max(scoreFloats, AttentionStrip.QueryFloats(shape));
        }

        public RelativeScores Scores { get; }

        public float* DistanceColumns { get; }

        public float* ValueLines { get; }

        public float* KeyColumns { get; }

        public float* KeySums { get; }

        public float* ValueSums { get; }

        public float* Gradients { get; }

        public float* Left { get; }

        public float* Right { get; }
    }
}
