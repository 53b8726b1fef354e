namespace GptGen.Cpu;

/// <summary>Rows of a table times a factor, written or added.</summary>
internal readonly unsafe struct LookupKernel(int* indices, WeightMatrix table, float scale, float* y, bool add, int width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* buffer = stackalloc float[table.IsFloat32 ? 1 : width];
        for (nint row = first; row < last; row++)
        {
            float* from = table.Row<TSimd, TVector>(indices[row], width, buffer), to = y + row * width;
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
