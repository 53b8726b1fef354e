namespace GptGen.Cpu;

/// <summary>Log probabilities of a cluster's tokens, a row at a time.</summary>
internal readonly unsafe struct ClusterLogitsKernel(float* logits, float* head, float* y, ClusterShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = first; row < last; row++)
        {
            float* values = logits + row * shape.Stride, to = y + row * shape.VocabularyStride + shape.First;
            float largest = VectorMath.Maximum<TSimd, TVector>(values, shape.Size);
            // The exponentials are only summed up: their place is written over. The head's are more than its tokens, but not than all tokens.
            float sum = VectorRuns.Exponentials<TSimd, TVector>(values, to, 1f, largest, shape.Size);
            float shift = (shape.Column < 0 ? 0f : head[row * shape.HeadStride + shape.Column]) - largest - MathF.Log(sum);
            CpuRange.Copy(values + shape.Columns, to, shape.Size - shape.Columns);
            VectorRuns.AddConstant<TSimd, TVector>(to, shift, shape.Size - shape.Columns);
            VectorRuns.AddConstant<TSimd, TVector>(values, shift, shape.Columns);
        }
    }
}
