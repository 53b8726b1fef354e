using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// Gradients of one key head of one sequence and of the query heads that share it, a strip of queries at a time. The probabilities p are computed
/// again from the kept log-sum-exps; with dp = dropout(dy . v) and delta = dy . y, the scores' gradient is p (dp - delta).
/// </summary>
internal readonly unsafe struct AttentionBackwardKernel(
    float* dy, AttentionOperands operands, float* y, float* logSumExp, DropoutMask mask, StridedRows dQuery, StridedRows dKey, StridedRows dValue,
    float* scratch, AttentionShape shape) : IRangeKernel
{
    /// <summary>Floats of scratch that a worker needs.</summary>
    public static nint ScratchFloats(in AttentionShape shape) =>
        5 * AttentionStrip.KeyFloats(shape) + 3 * AttentionStrip.ScoreFloats(shape) + 2 * AttentionStrip.QueryFloats(shape);

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* room = scratch + worker * ScratchFloats(shape);
        for (nint item = first; item < last; item++)
        {
            if (AttentionStrip.HasTallTiles<TSimd, TVector>())
                Head<TSimd, TVector, MicroKernel12<TSimd, TVector>>(item, room);
            else
                Head<TSimd, TVector, MicroKernel6<TSimd, TVector>>(item, room);
        }
    }

    private void Head<TSimd, TVector, TKernel>(nint item, float* room)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TKernel : struct, IMicroKernel
    {
        nint size = shape.HeadSize, sequence = item / shape.KeyHeads, column = item % shape.KeyHeads * size, start = sequence * shape.KeyLength;
        nint keyCount = operands.KeyLengths[sequence], paddedSize = AttentionStrip.PaddedSize(shape);
        Parts parts = new(room, shape);
        nint sizePanels = 0;
        if (keyCount > 0)
        {
            float* keys = operands.Key.Row(start) + column;
            AttentionStrip.PackLines(keys, operands.Key.Stride, keyCount, size, TKernel.Columns, parts.KeyLines);
            AttentionStrip.PackLines(
                operands.Value.Row(start) + column, operands.Value.Stride, keyCount, size, TKernel.Columns, parts.ValueLines);
            sizePanels = AttentionStrip.PackColumns(keys, operands.Key.Stride, size, keyCount, TKernel.Columns, parts.KeyColumns);
            new CpuRange(parts.KeySums, 2 * AttentionStrip.KeyFloats(shape)).Clear();
        }

        nint firstHead = sequence * shape.QueryHeads + item % shape.KeyHeads * shape.Group;
        for (nint head = firstHead; head < firstHead + shape.Group; head++)
            Queries<TSimd, TVector, TKernel>(head, keyCount, sizePanels, parts);

        VectorRuns.CopyRows<TSimd, TVector>(parts.KeySums, paddedSize, dKey.Row(start) + column, dKey.Stride, keyCount, size);
        VectorRuns.CopyRows<TSimd, TVector>(parts.ValueSums, paddedSize, dValue.Row(start) + column, dValue.Stride, keyCount, size);
        for (nint position = keyCount; position < shape.KeyLength; position++)
        {
            new CpuRange(dKey.Row(start + position) + column, size).Clear();
            new CpuRange(dValue.Row(start + position) + column, size).Clear();
        }
    }

    /// <summary>The queries of one head: their gradients, and what they add to those of keys and values.</summary>
    /// <param name="item">sequence x query heads + head.</param>
    /// <param name="keyCount">The sequence's keys.</param>
    /// <param name="sizePanels">Panels of packed key columns.</param>
    /// <param name="parts">Where keys and values are packed, and room.</param>
    private void Queries<TSimd, TVector, TKernel>(nint item, nint keyCount, nint sizePanels, in Parts parts)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TKernel : struct, IMicroKernel
    {
        nint width = shape.QueryWidth, size = shape.HeadSize, stride = operands.Query.Stride;
        nint sequence = item / shape.QueryHeads, column = item % shape.QueryHeads * size, start = sequence * shape.QueryLength;
        nint count = operands.QueryLengths[sequence];
        nint paddedLength = AttentionStrip.PaddedLength(shape), paddedSize = AttentionStrip.PaddedSize(shape);
        float* queries = operands.Query.Row(start) + column, dOutput = dy + start * width + column;
        float* probabilities = parts.Probabilities, gradients = parts.Gradients, left = parts.Left, right = parts.Right, outputs = right;
        for (nint query = 0; query < count; query += AttentionStrip.Queries)
        {
            nint rows = Math.Min(AttentionStrip.Queries, count - query);
            nint seen = AttentionStrip.Seen(shape.Mask, query + rows, count, keyCount);
            if (seen == 0)
            {
                ClearQueries(start, column, query, query + rows);
                continue;
            }

            nint keyPanels = (seen + TKernel.Columns - 1) / TKernel.Columns;
            float* strip = queries + query * stride, dStrip = dOutput + query * width;
            nint rowPanels = AttentionStrip.PackLines(strip, stride, rows, size, TKernel.Rows, left);
            PanelProduct.Multiply<TKernel>(size, left, rowPanels, parts.KeyLines, keyPanels, size, probabilities, paddedLength);
            AttentionStrip.PackLines(dStrip, width, rows, size, TKernel.Rows, left);
            PanelProduct.Multiply<TKernel>(size, left, rowPanels, parts.ValueLines, keyPanels, size, gradients, paddedLength);
            for (nint row = 0; row < rows; row++)
            {
                nint visible = AttentionStrip.Seen(shape.Mask, query + row + 1, count, keyCount);
                Query<TSimd, TVector>(item, query + row, visible, seen, probabilities + row * paddedLength, gradients + row * paddedLength);
            }

            AttentionStrip.PackLines(gradients, paddedLength, rows, seen, TKernel.Rows, left);
            PanelProduct.Multiply<TKernel>(seen, left, rowPanels, parts.KeyColumns, sizePanels, keyCount, outputs, paddedSize);
            VectorRuns.CopyRows<TSimd, TVector>(outputs, paddedSize, dQuery.Row(start + query) + column, dQuery.Stride, rows, size);

            AddTransposed<TKernel>(gradients, strip, stride, rows, seen, left, right, parts.KeySums);
            AddTransposed<TKernel>(probabilities, dStrip, width, rows, seen, left, right, parts.ValueSums);
        }

        ClearQueries(start, column, count, shape.QueryLength);
    }

    private void ClearQueries(nint start, nint column, nint first, nint last)
    {
        for (nint query = first; query < last; query++)
            new CpuRange(dQuery.Row(start + query) + column, shape.HeadSize).Clear();
    }

    /// <summary>
    /// One query: from its scores to probabilities (after dropout), and from the probabilities' gradients to the scores'. Keys that it does not
    /// see get zeros.
    /// </summary>
    private void Query<TSimd, TVector>(nint item, nint query, nint visible, nint seen, float* probabilities, float* gradients)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint element = (item * shape.QueryLength + query) * shape.KeyLength;
        nint place = (item / shape.QueryHeads * shape.QueryLength + query) * shape.QueryWidth + item % shape.QueryHeads * shape.HeadSize;
        float scale = shape.Scale;
        float delta = VectorRuns.Dot<TSimd, TVector>(dy + place, y + place, shape.HeadSize);
        VectorRuns.Exponentials<TSimd, TVector>(probabilities, probabilities, scale, logSumExp[item * shape.QueryLength + query], visible);
        if (mask.IsActive)
            mask.Apply(gradients, gradients, element, visible);
        ScoreGradients<TSimd, TVector>(probabilities, gradients, delta, scale, visible);
        if (mask.IsActive)
            mask.Apply(probabilities, probabilities, element, visible);
        new CpuRange(probabilities + visible, seen - visible).Clear();
        new CpuRange(gradients + visible, seen - visible).Clear();
    }

    /// <summary>gradients[i] = probabilities[i] (gradients[i] - delta) scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreGradients<TSimd, TVector>(float* probabilities, float* gradients, float delta, float scale, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector deltas = TSimd.Create(delta), scales = TSimd.Create(scale);
        nint i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            TVector difference = TSimd.Multiply(TSimd.Subtract(TSimd.Load(gradients + i), deltas), scales);
            TSimd.Store(gradients + i, TSimd.Multiply(TSimd.Load(probabilities + i), difference));
        }

        if (i < count)
        {
            nint rest = count - i;
            TVector difference = TSimd.Multiply(TSimd.Subtract(TSimd.LoadFirst(gradients + i, rest, TSimd.Zero), deltas), scales);
            TSimd.StoreFirst(gradients + i, TSimd.Multiply(TSimd.LoadFirst(probabilities + i, rest, TSimd.Zero), difference), rest);
        }
    }

    /// <summary>sums[keys, size] += scores[rows, keys]^T · strip[rows, size].</summary>
    private void AddTransposed<TKernel>(
        float* scores, float* strip, nint stride, nint rows, nint keys, float* left, float* right, float* sums)
        where TKernel : struct, IMicroKernel
    {
        nint keyPanels = AttentionStrip.PackColumns(scores, AttentionStrip.PaddedLength(shape), keys, rows, TKernel.Rows, left);
        nint sizePanels = AttentionStrip.PackColumns(strip, stride, shape.HeadSize, rows, TKernel.Columns, right);
        PanelProduct.Multiply<TKernel>(
            rows, left, keyPanels, right, sizePanels, rows, sums, AttentionStrip.PaddedSize(shape), accumulate: true);
    }

    /// <summary>A worker's room: the keys and values of one head packed in three ways, sums of their gradients, and one strip of queries.</summary>
    private readonly struct Parts
    {
        public Parts(float* room, in AttentionShape shape)
        {
            nint keyFloats = AttentionStrip.KeyFloats(shape), scoreFloats = AttentionStrip.ScoreFloats(shape);
            KeyLines = room;
            ValueLines = KeyLines + keyFloats;
            KeyColumns = ValueLines + keyFloats;
            KeySums = KeyColumns + keyFloats;
            ValueSums = KeySums + keyFloats;
            Probabilities = ValueSums + keyFloats;
            Gradients = Probabilities + scoreFloats;
            Left = Gradients + scoreFloats;
            Right = Left + Math.Max(scoreFloats, AttentionStrip.QueryFloats(shape));
        }

        public float* KeyLines { get; }

        public float* ValueLines { get; }

        public float* KeyColumns { get; }

        public float* KeySums { get; }

        public float* ValueSums { get; }

        public float* Probabilities { get; }

        public float* Gradients { get; }

        public float* Left { get; }

        public float* Right { get; }
    }
}
