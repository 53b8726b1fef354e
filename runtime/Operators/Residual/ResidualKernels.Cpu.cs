namespace GptGen.Cpu;

/// <summary>y = residual + dropout(branch), element by element; y may be the branch.</summary>
internal readonly unsafe struct ResidualKernel(float* residual, float* branch, DropoutMask mask, float* y) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* masked = stackalloc float[DropoutMask.Block];
        for (nint at = first; at < last; at += DropoutMask.Block)
        {
            nint length = Math.Min(DropoutMask.Block, last - at);
            float* from = branch + at;
            if (mask.IsActive)
            {
                mask.Apply(from, masked, at, length);
                from = masked;
            }

            nint i = 0;
            for (; i <= length - TSimd.Count; i += TSimd.Count)
                TSimd.Store(y + at + i, TSimd.Add(TSimd.Load(residual + at + i), TSimd.Load(from + i)));
            for (; i < length; i++)
                y[at + i] = residual[at + i] + from[i];
        }
    }
}

/// <summary>y = x, element by element.</summary>
internal readonly unsafe struct CopyKernel(float* x, float* y) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        CpuRange.Copy(x + first, y + first, last - first);
}
