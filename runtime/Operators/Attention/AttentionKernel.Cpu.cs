namespace GptGen.Cpu;

/// <summary>Attention of one head of one sequence, a strip of queries at a time.</summary>
internal readonly unsafe struct AttentionKernel(
    float* qkv, int* lengths, DropoutMask mask, float* y, float* logSumExp, float* scratch, AttentionShape shape) : IRangeKernel
{
    /// <summary>Floats of scratch that a worker needs.</summary>
    public static nint ScratchFloats(in AttentionShape shape) =>
        2 * AttentionStrip.PositionFloats(shape) + 2 * AttentionStrip.ScoreFloats(shape) + 2 * AttentionStrip.QueryFloats(shape);

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
        float scale = 1f / MathF.Sqrt(size);
        float* queries = qkv + start * stride + column, output = y + start * width + column;
        float* norms = logSumExp == null ? null : logSumExp + item * length;

        float* packedKeys = room, packedValues = packedKeys + AttentionStrip.PositionFloats(shape);
        float* scores = packedValues + AttentionStrip.PositionFloats(shape), packedScores = scores + AttentionStrip.ScoreFloats(shape);
        float* packedQueries = packedScores + AttentionStrip.ScoreFloats(shape), outputs = packedQueries + AttentionStrip.QueryFloats(shape);
        float* sums = stackalloc float[AttentionStrip.Queries];
        nint valuePanels = 0;
        if (count > 0)
        {
            AttentionStrip.PackLines(queries + width, stride, count, size, TKernel.Columns, packedKeys);
            valuePanels = AttentionStrip.PackColumns(queries + 2 * width, stride, size, count, TKernel.Columns, packedValues);
        }

        for (nint query = 0; query < count; query += AttentionStrip.Queries)
        {
            nint rows = Math.Min(AttentionStrip.Queries, count - query), seen = AttentionStrip.Seen(shape.Mask, query + rows, count);
            nint rowPanels = AttentionStrip.PackLines(queries + query * stride, stride, rows, size, TKernel.Rows, packedQueries);
            PanelProduct.Multiply<TKernel>(
                size, packedQueries, rowPanels, packedKeys, (seen + TKernel.Columns - 1) / TKernel.Columns, size, scores, paddedLength);
            for (nint row = 0; row < rows; row++)
            {
                float* line = scores + row * paddedLength;
                nint visible = AttentionStrip.Seen(shape.Mask, query + row + 1, count);
                float largest = VectorMath.Maximum<TSimd, TVector>(line, visible) * scale;
                sums[row] = VectorRuns.Exponentials<TSimd, TVector>(line, line, scale, largest, visible);
                if (norms != null)
                    norms[query + row] = largest + MathF.Log(sums[row]);
                if (mask.IsActive)
                    mask.Apply(line, line, (item * length + query + row) * length, visible);
                new CpuRange(line + visible, seen - visible).Clear();
            }

            AttentionStrip.PackLines(scores, paddedLength, rows, seen, TKernel.Rows, packedScores);
            PanelProduct.Multiply<TKernel>(seen, packedScores, rowPanels, packedValues, valuePanels, count, outputs, paddedSize);
            for (nint row = 0; row < rows; row++)
            {
                // The division by the sum of exponentials waits for the output: a head is narrower than its scores.
                VectorRuns.Scale<TSimd, TVector>(outputs + row * paddedSize, 1f / sums[row], size);
                CpuRange.Copy(outputs + row * paddedSize, output + (query + row) * width, size);
            }
        }

        for (nint query = count; query < length; query++)
        {
            new CpuRange(output + query * width, size).Clear();
            if (norms != null)
                norms[query] = 0f;
        }
    }
}
