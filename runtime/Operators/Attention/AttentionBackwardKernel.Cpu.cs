using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// Gradients of one head of one sequence, a strip of queries at a time. The probabilities p are computed again from the kept log-sum-exps;
/// with dp = dropout(dy . v) and delta = dy . y, the scores' gradient is p (dp - delta).
/// </summary>
internal readonly unsafe struct AttentionBackwardKernel(
    float* dy, float* qkv, float* y, float* logSumExp, int* lengths, DropoutMask mask, float* dQkv, float* scratch, AttentionShape shape) : IRangeKernel
{
    /// <summary>Floats of scratch that a worker needs.</summary>
    public static nint ScratchFloats(in AttentionShape shape) =>
        5 * AttentionStrip.PositionFloats(shape) + 3 * AttentionStrip.ScoreFloats(shape) + 2 * AttentionStrip.QueryFloats(shape);

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
        nint width = shape.Width, stride = 3 * width, size = shape.HeadSize, length = shape.Length;
        nint sequence = item / shape.Heads, start = sequence * length, column = item % shape.Heads * size, count = lengths[sequence];
        nint paddedLength = AttentionStrip.PaddedLength(shape), paddedSize = AttentionStrip.PaddedSize(shape);
        nint positionFloats = AttentionStrip.PositionFloats(shape), scoreFloats = AttentionStrip.ScoreFloats(shape);
        float* queries = qkv + start * stride + column, keys = queries + width, values = keys + width;
        float* dQueries = dQkv + start * stride + column, dKeys = dQueries + width, dValues = dKeys + width;
        float* dOutput = dy + start * width + column;

        float* keyLines = room, valueLines = keyLines + positionFloats, keyColumns = valueLines + positionFloats;
        float* keySums = keyColumns + positionFloats, valueSums = keySums + positionFloats;
        float* probabilities = valueSums + positionFloats, gradients = probabilities + scoreFloats;
        float* left = gradients + scoreFloats, right = left + Math.Max(scoreFloats, AttentionStrip.QueryFloats(shape));
        float* outputs = right;
        nint sizePanels = 0;
        if (count > 0)
        {
            AttentionStrip.PackLines(keys, stride, count, size, TKernel.Columns, keyLines);
            AttentionStrip.PackLines(values, stride, count, size, TKernel.Columns, valueLines);
            sizePanels = AttentionStrip.PackColumns(keys, stride, size, count, TKernel.Columns, keyColumns);
            new CpuRange(keySums, 2 * positionFloats).Clear();
        }

        for (nint query = 0; query < count; query += AttentionStrip.Queries)
        {
            nint rows = Math.Min(AttentionStrip.Queries, count - query), seen = AttentionStrip.Seen(shape.Mask, query + rows, count);
            nint keyPanels = (seen + TKernel.Columns - 1) / TKernel.Columns;
            float* strip = queries + query * stride, dStrip = dOutput + query * width;
            nint rowPanels = AttentionStrip.PackLines(strip, stride, rows, size, TKernel.Rows, left);
            PanelProduct.Multiply<TKernel>(size, left, rowPanels, keyLines, keyPanels, size, probabilities, paddedLength);
            AttentionStrip.PackLines(dStrip, width, rows, size, TKernel.Rows, left);
            PanelProduct.Multiply<TKernel>(size, left, rowPanels, valueLines, keyPanels, size, gradients, paddedLength);
            for (nint row = 0; row < rows; row++)
                Query<TSimd, TVector>(item, query + row, seen, count, probabilities + row * paddedLength, gradients + row * paddedLength);

            AttentionStrip.PackLines(gradients, paddedLength, rows, seen, TKernel.Rows, left);
            PanelProduct.Multiply<TKernel>(seen, left, rowPanels, keyColumns, sizePanels, count, outputs, paddedSize);
            for (nint row = 0; row < rows; row++)
                CpuRange.Copy(outputs + row * paddedSize, dQueries + (query + row) * stride, size);

            AddTransposed<TKernel>(gradients, strip, stride, rows, seen, left, right, keySums);
            AddTransposed<TKernel>(probabilities, dStrip, width, rows, seen, left, right, valueSums);
        }

        for (nint position = 0; position < count; position++)
        {
            CpuRange.Copy(keySums + position * paddedSize, dKeys + position * stride, size);
            CpuRange.Copy(valueSums + position * paddedSize, dValues + position * stride, size);
        }

        for (nint position = count; position < length; position++)
        {
            new CpuRange(dQueries + position * stride, size).Clear();
            new CpuRange(dKeys + position * stride, size).Clear();
            new CpuRange(dValues + position * stride, size).Clear();
        }
    }

    /// <summary>
    /// One query: from its scores to probabilities (after dropout), and from the probabilities' gradients to the scores'. Keys that it does not
    /// see get zeros.
    /// </summary>
    private void Query<TSimd, TVector>(nint item, nint query, nint seen, nint count, float* probabilities, float* gradients)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint visible = AttentionStrip.Seen(shape.Mask, query + 1, count), element = (item * shape.Length + query) * shape.Length;
        nint place = (item / shape.Heads * shape.Length + query) * shape.Width + item % shape.Heads * shape.HeadSize;
        float scale = 1f / MathF.Sqrt(shape.HeadSize);
        float delta = VectorRuns.Dot<TSimd, TVector>(dy + place, y + place, shape.HeadSize);
        VectorRuns.Exponentials<TSimd, TVector>(probabilities, probabilities, scale, logSumExp[item * shape.Length + query], visible);
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
    private static void ScoreGradients<TSimd, TVector>(float* probabilities, float* gradients, float delta, float scale, nint count)
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

        for (; i < count; i++)
            gradients[i] = probabilities[i] * ((gradients[i] - delta) * scale);
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
}
