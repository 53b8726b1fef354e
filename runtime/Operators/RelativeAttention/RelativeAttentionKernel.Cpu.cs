namespace GptGen.Cpu;

/// <summary>Relative attention of one head of one sequence, a strip of queries at a time.</summary>
internal readonly unsafe struct RelativeAttentionKernel(RelativeOperands operands, DropoutMask mask, float* y, float* logSumExp, float* scratch)
    : IRangeKernel
{
    /// <summary>Floats of scratch that a worker needs.</summary>
    public static nint ScratchFloats(in AttentionShape shape) =>
        RelativeScores.Floats(shape) + AttentionStrip.KeyFloats(shape) + AttentionStrip.ScoreFloats(shape) + AttentionStrip.QueryFloats(shape);

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* room = scratch + worker * ScratchFloats(operands.Shape);
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
        AttentionShape shape = operands.Shape;
        nint width = shape.QueryWidth, size = shape.HeadSize, keyCount = shape.KeyLength;
        nint sequence = item / shape.QueryHeads, head = item % shape.QueryHeads;
        nint paddedLength = AttentionStrip.PaddedLength(shape), paddedSize = AttentionStrip.PaddedSize(shape);
        float* output = y + sequence * shape.QueryLength * width + head * size;
        RelativeScores scores = new(room, operands);
        float* packedValues = room + RelativeScores.Floats(shape), packedScores = packedValues + AttentionStrip.KeyFloats(shape);
        float* outputs = packedScores + AttentionStrip.ScoreFloats(shape);
        float* sums = stackalloc float[AttentionStrip.Queries];
        scores.PackKeys<TKernel>(sequence, head);
        scores.PackDistances<TKernel>(head);
        nint valuePanels = AttentionStrip.PackColumns(
            operands.Value(sequence, 0, head), operands.Stride, size, keyCount, TKernel.Columns, packedValues);

        for (nint query = 0; query < shape.QueryLength; query += AttentionStrip.Queries)
        {
            RelativeStrip strip = scores.Compute<TSimd, TVector, TKernel>(sequence, head, query);
            for (nint row = 0; row < strip.Rows; row++)
                sums[row] = Softmax<TSimd, TVector>(item, query + row, strip, scores.Scores + row * paddedLength);
            nint rowPanels = AttentionStrip.PackLines(
                scores.Scores + strip.FirstKey, paddedLength, strip.Rows, strip.Keys, TKernel.Rows, packedScores);
            PanelProduct.Multiply<TKernel>(
                strip.Keys, packedScores, rowPanels, packedValues + strip.FirstKey * TKernel.Columns, valuePanels, keyCount, outputs, paddedSize);
            for (nint row = 0; row < strip.Rows; row++)
            {
                // The division by the sum of exponentials waits for the output: a head is narrower than its scores.
                VectorRuns.Scale<TSimd, TVector>(outputs + row * paddedSize, 1f / sums[row], size);
                CpuRange.Copy(outputs + row * paddedSize, output + (query + row) * width, size);
            }
        }
    }

    /// <summary>From a query's scores to exponentials, after dropout, and zeros for keys that it does not see; returns their sum before.</summary>
    private float Softmax<TSimd, TVector>(nint item, nint query, in RelativeStrip strip, float* line)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        AttentionShape shape = operands.Shape;
        nint first = operands.First(query), seen = operands.Seen(query), count = seen - first;
        float largest = VectorMath.Maximum<TSimd, TVector>(line + first, count) * shape.Scale;
        float sum = VectorRuns.Exponentials<TSimd, TVector>(line + first, line + first, shape.Scale, largest, count);
        nint place = item * shape.QueryLength + query;
        if (logSumExp != null)
            logSumExp[place] = largest + MathF.Log(sum);
        if (mask.IsActive)
            mask.Apply(line + first, line + first, place * shape.KeyLength + first, count);
        new CpuRange(line + strip.FirstKey, first - strip.FirstKey).Clear();
        new CpuRange(line + seen, strip.EndOfKeys - seen).Clear();
        return sum;
    }
}
