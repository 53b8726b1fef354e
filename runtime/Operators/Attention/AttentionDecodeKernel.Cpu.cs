namespace GptGen.Cpu;

/// <summary>One new query a sequence against the cached keys and values.</summary>
internal readonly unsafe struct AttentionDecodeKernel(
    StridedRows queries, int* positions, int* slots, float* keys, float* values, nint capacity, float* y, float* scores,
    AttentionShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = shape.QueryWidth, size = shape.HeadSize;
        float scale = shape.Scale;
        float* row = scores + worker * capacity;
        for (nint item = first; item < last; item++)
        {
            nint sequence = item / shape.QueryHeads, head = item % shape.QueryHeads, seen = positions[sequence] + 1;
            nint cached = (slots[sequence] * (nint)shape.QueryHeads + head) * capacity * size;
            float* to = y + sequence * width + head * size;
            float* query = queries.Row(sequence) + head * size;
            for (nint key = 0; key < seen; key++)
                row[key] = VectorRuns.Dot<TSimd, TVector>(query, keys + cached + key * size, size);
            float largest = VectorMath.Maximum<TSimd, TVector>(row, seen) * scale;
            float sum = VectorRuns.Exponentials<TSimd, TVector>(row, row, scale, largest, seen);
            new CpuRange(to, size).Clear();
            for (nint key = 0; key < seen; key++)
                VectorRuns.AddScaled<TSimd, TVector>(to, values + cached + key * size, row[key], size);
            VectorRuns.Scale<TSimd, TVector>(to, 1f / sum, size);
        }
    }
}
