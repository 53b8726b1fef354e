namespace GptGen.Cpu;

/// <summary>Copies one head after the other: those of a block, of a copy's blocks, of all copies.</summary>
internal readonly unsafe struct CopySlotsKernel(SlotCache cache, float* start, int* from, int* to, int* positions) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint item = first; item < last; item++)
        {
            nint head = item % cache.Heads, block = item / cache.Heads % cache.Blocks, copy = item / cache.Heads / cache.Blocks;
            CpuRange.Copy(
                start + cache.Offset(block, from[copy], head, 0), start + cache.Offset(block, to[copy], head, 0),
                (nint)positions[copy] * cache.HeadSize);
        }
    }
}
