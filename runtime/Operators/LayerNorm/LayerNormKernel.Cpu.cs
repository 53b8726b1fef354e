using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>LayerNorm of rows.</summary>
internal readonly unsafe struct LayerNormKernel(
    float* x, float* gain, float* bias, float epsilon, float* y, float* mean, float* reciprocalDeviation, int width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = first; row < last; row++)
        {
            float* from = x + row * width;
            float average = VectorMath.Sum<TSimd, TVector>(from, width) / width;
            float reciprocal = 1f / MathF.Sqrt(VectorRuns.SquaredDistance<TSimd, TVector>(from, average, width) / width + epsilon);
            Normalize<TSimd, TVector>(from, average, reciprocal, y + row * width);
            if (mean != null)
                mean[row] = average;
            if (reciprocalDeviation != null)
                reciprocalDeviation[row] = reciprocal;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Normalize<TSimd, TVector>(float* from, float average, float reciprocal, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector center = TSimd.Create(average), scale = TSimd.Create(reciprocal);
        nint i = 0;
        for (; i <= width - TSimd.Count; i += TSimd.Count)
        {
            TVector normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + i), center), scale);
            TSimd.Store(to + i, TSimd.MultiplyAdd(normal, TSimd.Load(gain + i), bias == null ? TSimd.Zero : TSimd.Load(bias + i)));
        }

        for (; i < width; i++)
            to[i] = (from[i] - average) * reciprocal * gain[i] + (bias == null ? 0f : bias[i]);
    }
}
