namespace GptGen.Cpu;

/// <summary>
/// Gradients of one head of one sequence. The probabilities p are computed again from the kept log-sum-exps; with dp = dropout(dy . v) and
/// delta = dy . y, the scores' gradient is p (dp - delta).
/// </summary>
internal readonly unsafe struct AttentionBackwardKernel(
    float* dy, float* qkv, float* y, float* logSumExp, int* lengths, DropoutMask mask, float* dQkv, float* scores, AttentionShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint item = first; item < last; item++)
            Head<TSimd, TVector>(item, scores + worker * 2 * (nint)shape.Length);
    }

    private void Head<TSimd, TVector>(nint item, float* probabilities)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = shape.Width, stride = 3 * width, size = shape.HeadSize, length = shape.Length;
        nint sequence = item / shape.Heads, start = sequence * length, column = item % shape.Heads * size, count = lengths[sequence];
        float scale = 1f / MathF.Sqrt(shape.HeadSize);
        float* gradients = probabilities + length;
        float* queries = qkv + start * stride + column, keys = queries + width, values = keys + width;
        float* dQueries = dQkv + start * stride + column, dKeys = dQueries + width, dValues = dKeys + width;
        for (nint position = 0; position < length; position++)
        {
            new CpuRange(dQueries + position * stride, size).Clear();
            new CpuRange(dKeys + position * stride, size).Clear();
            new CpuRange(dValues + position * stride, size).Clear();
        }

        for (nint query = 0; query < count; query++)
        {
            nint seen = shape.Mask == AttentionMask.Causal ? query + 1 : count, element = (item * length + query) * length;
            float* q = queries + query * stride, dOut = dy + (start + query) * width + column;
            float delta = VectorRuns.Dot<TSimd, TVector>(dOut, y + (start + query) * width + column, size);
            for (nint key = 0; key < seen; key++)
            {
                probabilities[key] = VectorRuns.Dot<TSimd, TVector>(q, keys + key * stride, size);
                gradients[key] = VectorRuns.Dot<TSimd, TVector>(dOut, values + key * stride, size);
            }

            VectorRuns.Exponentials<TSimd, TVector>(probabilities, probabilities, scale, logSumExp[item * length + query], seen);
            if (mask.IsActive)
                mask.Apply(gradients, gradients, element, seen);
            for (nint key = 0; key < seen; key++)
                gradients[key] = probabilities[key] * (gradients[key] - delta) * scale;
            if (mask.IsActive)
                mask.Apply(probabilities, probabilities, element, seen);
            for (nint key = 0; key < seen; key++)
            {
                VectorRuns.AddScaled<TSimd, TVector>(dQueries + query * stride, keys + key * stride, gradients[key], size);
                VectorRuns.AddScaled<TSimd, TVector>(dKeys + key * stride, q, gradients[key], size);
                VectorRuns.AddScaled<TSimd, TVector>(dValues + key * stride, dOut, probabilities[key], size);
            }
        }
    }
}
