namespace GptGen.Cpu;

/// <summary>Attention of one head of one sequence, a query at a time.</summary>
internal readonly unsafe struct AttentionKernel(
    float* qkv, int* lengths, DropoutMask mask, float* y, float* logSumExp, float* scores, AttentionShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = shape.Width, stride = 3 * width, size = shape.HeadSize, length = shape.Length;
        float scale = 1f / MathF.Sqrt(shape.HeadSize);
        float* row = scores + worker * length;
        for (nint item = first; item < last; item++)
        {
            nint sequence = item / shape.Heads, start = sequence * length, column = item % shape.Heads * size, count = lengths[sequence];
            float* keys = qkv + start * stride + width + column;
            for (nint query = 0; query < length; query++)
            {
                float* to = y + (start + query) * width + column;
                new CpuRange(to, size).Clear();
                float norm = 0f;
                if (query < count)
                {
                    nint seen = shape.Mask == AttentionMask.Causal ? query + 1 : count;
                    norm = HeadAttention.Softmax<TSimd, TVector>(keys + query * stride - width, keys, stride, size, scale, row, seen);
                    if (mask.IsActive)
                        mask.Apply(row, row, (item * length + query) * length, seen);
                    for (nint key = 0; key < seen; key++)
                        VectorRuns.AddScaled<TSimd, TVector>(to, keys + width + key * stride, row[key], size);
                }

                if (logSumExp != null)
                    logSumExp[item * length + query] = norm;
            }
        }
    }
}

/// <summary>One new query a sequence against the cached keys and values.</summary>
internal readonly unsafe struct AttentionDecodeKernel(
    float* qkv, int* positions, int* slots, float* keys, float* values, nint capacity, float* y, float* scores, AttentionShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = shape.Width, size = shape.HeadSize;
        float* row = scores + worker * capacity;
        for (nint item = first; item < last; item++)
        {
            nint sequence = item / shape.Heads, head = item % shape.Heads, seen = positions[sequence] + 1;
            nint cached = (slots[sequence] * (nint)shape.Heads + head) * capacity * size;
            float* to = y + sequence * width + head * size;
            HeadAttention.Softmax<TSimd, TVector>(
                qkv + sequence * 3 * width + head * size, keys + cached, size, size, 1f / MathF.Sqrt(shape.HeadSize), row, seen);
            new CpuRange(to, size).Clear();
            for (nint key = 0; key < seen; key++)
                VectorRuns.AddScaled<TSimd, TVector>(to, values + cached + key * size, row[key], size);
        }
    }
}

/// <summary>What the attentions share.</summary>
internal static unsafe class HeadAttention
{
    /// <summary>probabilities = softmax(scale x query . key) over the keys; returns the logarithm of the sum of exponentials.</summary>
    public static float Softmax<TSimd, TVector>(float* query, float* keys, nint stride, nint size, float scale, float* probabilities, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint key = 0; key < count; key++)
            probabilities[key] = VectorRuns.Dot<TSimd, TVector>(query, keys + key * stride, size);
        float largest = VectorMath.Maximum<TSimd, TVector>(probabilities, count) * scale;
        float sum = VectorRuns.Exponentials<TSimd, TVector>(probabilities, probabilities, scale, largest, count);
        VectorRuns.Scale<TSimd, TVector>(probabilities, 1f / sum, count);
        return largest + MathF.Log(sum);
    }
}
