using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>What the carry gate lets through of the transformed rows, and the rest of the rows themselves.</summary>
internal readonly unsafe struct HighwayKernel(float* gates, float* x, float* y, int width) : IRangeKernel
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = first; row < last; row++)
        {
            float* transformed = gates + row * 2 * width, carry = transformed + width;
            for (nint i = 0; i < width; i += TSimd.Count)
            {
                nint count = Math.Min(TSimd.Count, width - i);
                TVector gate = VectorMath.Sigmoid<TSimd, TVector>(VectorRuns.Load<TSimd, TVector>(carry + i, count));
                TVector input = VectorRuns.Load<TSimd, TVector>(x + row * width + i, count);
                TVector value = TSimd.Maximum(TSimd.Zero, VectorRuns.Load<TSimd, TVector>(transformed + i, count));
                VectorRuns.Store<TSimd, TVector>(y + row * width + i, TSimd.MultiplyAdd(gate, TSimd.Subtract(value, input), input), count);
            }
        }
    }
}

/// <summary>The gradients of both maps, which may lie where their results do, and of the rows themselves.</summary>
internal readonly unsafe struct HighwayBackwardKernel(float* dy, float* gates, float* x, float* dGates, float* dx, bool add, int width) : IRangeKernel
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector one = TSimd.Create(1f);
        for (nint row = first; row < last; row++)
        {
            nint place = row * 2 * width;
            for (nint i = 0; i < width; i += TSimd.Count)
            {
                nint count = Math.Min(TSimd.Count, width - i), own = row * width + i;
                TVector gate = VectorMath.Sigmoid<TSimd, TVector>(VectorRuns.Load<TSimd, TVector>(gates + place + width + i, count));
                TVector transformed = VectorRuns.Load<TSimd, TVector>(gates + place + i, count);
                TVector gradient = VectorRuns.Load<TSimd, TVector>(dy + own, count), rest = TSimd.Subtract(one, gate);
                TVector difference = TSimd.Subtract(TSimd.Maximum(TSimd.Zero, transformed), VectorRuns.Load<TSimd, TVector>(x + own, count));
                TVector through = TSimd.Multiply(gradient, gate);
                VectorRuns.Store<TSimd, TVector>(
                    dGates + place + i, TSimd.SelectGreater(transformed, TSimd.Zero, through, TSimd.Zero), count);
                VectorRuns.Store<TSimd, TVector>(
                    dGates + place + width + i, TSimd.Multiply(TSimd.Multiply(through, difference), rest), count);
                if (dx == null)
                    continue;
                TVector kept = TSimd.Multiply(gradient, rest);
                VectorRuns.Store<TSimd, TVector>(
                    dx + own, add ? TSimd.Add(VectorRuns.Load<TSimd, TVector>(dx + own, count), kept) : kept, count);
            }
        }
    }
}
