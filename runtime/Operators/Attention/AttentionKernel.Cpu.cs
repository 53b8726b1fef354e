namespace GptGen.Cpu;

/// <summary>Attention of one head of one sequence, a strip of queries at a time.</summary>
internal readonly unsafe struct AttentionKernel(
    AttentionOperands operands, DropoutMask mask, float* y, float* logSumExp, float* scratch, AttentionShape shape) : IRangeKernel
{
    /// <summary>Floats of scratch that a worker needs.</summary>
    public static nint ScratchFloats(in AttentionShape shape) =>
        2 * AttentionStrip.KeyFloats(shape) + 2 * AttentionStrip.ScoreFloats(shape) + 2 * AttentionStrip.QueryFloats(shape);

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
        nint width = shape.QueryWidth, size = shape.HeadSize;
        nint sequence = item / shape.QueryHeads, head = item % shape.QueryHeads, start = sequence * shape.QueryLength;
        nint count = operands.QueryLengths[sequence], keyCount = operands.KeyLengths[sequence];
        nint paddedLength = AttentionStrip.PaddedLength(shape), paddedSize = AttentionStrip.PaddedSize(shape);
        float scale = shape.Scale;
        StridedRows queryRows = operands.Query;
        float* queries = queryRows.Row(start) + head * size, output = y + start * width + head * size;
        float* norms = logSumExp == null ? null : logSumExp + item * shape.QueryLength;

        float* packedKeys = room, packedValues = packedKeys + AttentionStrip.KeyFloats(shape);
        float* scores = packedValues + AttentionStrip.KeyFloats(shape), packedScores = scores + AttentionStrip.ScoreFloats(shape);
        float* packedQueries = packedScores + AttentionStrip.ScoreFloats(shape), outputs = packedQueries + AttentionStrip.QueryFloats(shape);
        float* sums = stackalloc float[AttentionStrip.Queries];
        nint valuePanels = 0;
        if (count > 0 && keyCount > 0)
        {
            nint keyStart = sequence * shape.KeyLength, keyColumn = head / shape.Group * size;
            AttentionStrip.PackLines(operands.Key.Row(keyStart) + keyColumn, operands.Key.Stride, keyCount, size, TKernel.Columns, packedKeys);
            valuePanels = AttentionStrip.PackColumns(
                operands.Value.Row(keyStart) + keyColumn, operands.Value.Stride, size, keyCount, TKernel.Columns, packedValues);
        }

        for (nint query = 0; query < count; query += AttentionStrip.Queries)
        {
            nint rows = Math.Min(AttentionStrip.Queries, count - query);
            nint seen = AttentionStrip.Seen(shape.Mask, query + rows, count, keyCount);
            if (seen == 0)
            {
                Clear(output, norms, query, query + rows);
                continue;
            }

            nint rowPanels = AttentionStrip.PackLines(queries + query * queryRows.Stride, queryRows.Stride, rows, size, TKernel.Rows, packedQueries);
            PanelProduct.Multiply<TKernel>(
                size, packedQueries, rowPanels, packedKeys, (seen + TKernel.Columns - 1) / TKernel.Columns, size, scores, paddedLength);
            for (nint row = 0; row < rows; row++)
            {
                float* line = scores + row * paddedLength;
                nint visible = AttentionStrip.Seen(shape.Mask, query + row + 1, count, keyCount);
                float largest = visible == 0 ? 0f : VectorMath.Maximum<TSimd, TVector>(line, visible) * scale;
                // The weights of a query that sees nothing are all zero, whatever they are divided by.
                sums[row] = visible == 0 ? 1f : VectorRuns.Exponentials<TSimd, TVector>(line, line, scale, largest, visible);
                if (norms != null)
                    norms[query + row] = largest + MathF.Log(sums[row]);
                if (mask.IsActive)
                    mask.Apply(line, line, (item * shape.QueryLength + query + row) * shape.KeyLength, visible);
                new CpuRange(line + visible, seen - visible).Clear();
            }

            AttentionStrip.PackLines(scores, paddedLength, rows, seen, TKernel.Rows, packedScores);
            PanelProduct.Multiply<TKernel>(seen, packedScores, rowPanels, packedValues, valuePanels, keyCount, outputs, paddedSize);
            for (nint row = 0; row < rows; row++)
            {
                // The division by the sum of exponentials waits for the output: a head is narrower than its scores.
                VectorRuns.ScaleTo<TSimd, TVector>(outputs + row * paddedSize, output + (query + row) * width, 1f / sums[row], size);
            }
        }

        Clear(output, norms, count, shape.QueryLength);
    }

    /// <summary>Zeros for queries without an output.</summary>
    private void Clear(float* output, float* norms, nint first, nint last)
    {
        for (nint query = first; query < last; query++)
        {
            new CpuRange(output + query * shape.QueryWidth, shape.HeadSize).Clear();
            if (norms != null)
                norms[query] = 0f;
        }
    }
}
