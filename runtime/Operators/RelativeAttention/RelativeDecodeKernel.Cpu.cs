namespace GptGen.Cpu;

/// <summary>One new query a row against a ring of cached keys and values, the nearest first.</summary>
internal readonly unsafe struct RelativeDecodeKernel(
    RelativeOperands operands, int* positions, int* slots, float* keys, float* values, nint capacity, float* y, float* scratch) : IRangeKernel
{
    /// <summary>Floats of scratch that a worker needs.</summary>
    public static nint ScratchFloats(nint capacity, in AttentionShape shape) => capacity + 2 * shape.HeadSize;

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        AttentionShape shape = operands.Shape;
        nint size = shape.HeadSize;
        float* scores = scratch + worker * ScratchFloats(capacity, shape), byContent = scores + capacity, byPosition = byContent + size;
        for (nint item = first; item < last; item++)
        {
            nint sequence = item / shape.QueryHeads, head = item % shape.QueryHeads, position = positions[sequence];
            nint seen = Math.Min(position + 1, capacity), newest = position % capacity;
            nint cached = (slots[sequence] * (nint)shape.QueryHeads + head) * capacity * size;
            float* query = operands.Query(sequence, 0, head);
            operands.AddBias<TSimd, TVector>(query, operands.ContentBias(head), byContent);
            operands.AddBias<TSimd, TVector>(query, operands.PositionBias(head), byPosition);
            for (nint distance = 0; distance < seen; distance++)
            {
                scores[distance] = VectorRuns.Dot<TSimd, TVector>(byContent, keys + cached + Place(newest, distance) * size, size)
                    + VectorRuns.Dot<TSimd, TVector>(byPosition, operands.Distance(distance, head), size);
            }

            float largest = VectorMath.Maximum<TSimd, TVector>(scores, seen) * shape.Scale;
            float sum = VectorRuns.Exponentials<TSimd, TVector>(scores, scores, shape.Scale, largest, seen);
            float* to = y + sequence * shape.QueryWidth + head * size;
            new CpuRange(to, size).Clear();
            for (nint distance = 0; distance < seen; distance++)
                VectorRuns.AddScaled<TSimd, TVector>(to, values + cached + Place(newest, distance) * size, scores[distance], size);
            VectorRuns.Scale<TSimd, TVector>(to, 1f / sum, size);
        }
    }

    /// <summary>Where the ring has what came <paramref name="distance"/> positions before the newest.</summary>
    private nint Place(nint newest, nint distance) => newest >= distance ? newest - distance : newest - distance + capacity;
}
