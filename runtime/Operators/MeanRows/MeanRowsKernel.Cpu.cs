namespace GptGen.Cpu;

/// <summary>The mean of each sequence's first rows, which are added in their order.</summary>
internal readonly unsafe struct MeanRowsKernel(float* x, int* lengths, float* y, int length, int width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint sequence = first; sequence < last; sequence++)
        {
            float* mean = y + sequence * width;
            new CpuRange(mean, width).Clear();
            for (nint row = 0; row < lengths[sequence]; row++)
                VectorRuns.AddScaled<TSimd, TVector>(mean, x + (sequence * length + row) * width, 1f, width);
            if (lengths[sequence] > 1)
                VectorRuns.Scale<TSimd, TVector>(mean, 1f / lengths[sequence], width);
        }
    }
}
