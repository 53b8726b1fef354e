namespace GptGen.Cpu;

/// <summary>Rows of a table times a factor, written or added.</summary>
internal readonly unsafe struct LookupKernel(int* indices, float* table, float scale, float* y, bool add, int width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = first; row < last; row++)
        {
            float* from = table + (nint)indices[row] * width, to = y + row * width;
            if (add)
            {
                VectorRuns.AddScaled<TSimd, TVector>(to, from, scale, width);
                continue;
            }

            CpuRange.Copy(from, to, width);
            if (scale != 1f)
                VectorRuns.Scale<TSimd, TVector>(to, scale, width);
        }
    }
}
