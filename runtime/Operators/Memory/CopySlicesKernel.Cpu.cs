namespace GptGen.Cpu;

/// <summary>Copies or adds rows, those of one sequence after those of the other.</summary>
internal readonly unsafe struct CopySlicesKernel(
    float* source, SequenceSlice from, float* target, SequenceSlice to, nint rows, nint width, bool add) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint item = first; item < last; item++)
        {
            nint sequence = item / rows, row = item % rows;
            float* read = source + (sequence * from.Length + from.First + row) * width;
            float* written = target + (sequence * to.Length + to.First + row) * width;
            if (add)
                VectorRuns.AddScaled<TSimd, TVector>(written, read, 1f, width);
            else
                CpuRange.Copy(read, written, width);
        }
    }
}
