using GptGen.Cpu;

namespace GptGen.Distributed;

/// <summary>
/// The sum of some vectors in a tree that follows from their number: first each even one and its neighbour, then each fourth and the one two further
/// on, and so on; result = part 0. The parts are changed.
/// </summary>
internal readonly unsafe struct TreeSumKernel(float* parts, nint stride, int count, float* result) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (var step = 1; step < count; step *= 2)
        {
            for (var part = 0; part + step < count; part += 2 * step)
                VectorRuns.AddScaled<TSimd, TVector>(parts + part * stride + first, parts + (part + step) * stride + first, 1f, last - first);
        }

        CpuRange.Copy(parts + first, result + first, last - first);
    }
}
