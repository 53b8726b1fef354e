using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GptGen.Cpu;

/// <summary>The sum of squares of each block, in double precision.</summary>
internal readonly unsafe struct SquareSumKernel(float* values, nint count, double* sums) : IRangeKernel
{
    /// <summary>Elements of a block: fixed, so that the order of the sum is.</summary>
    public const int Block = 64 << 10;

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint block = first; block < last; block++)
            sums[block] = Sum(values + block * Block, Math.Min(Block, count - block * Block));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Sum(float* from, nint length)
    {
        Vector256<double> lower = Vector256<double>.Zero, upper = lower;
        nint i = 0;
        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.Load(from + i));
            lower += low * low;
            upper += high * high;
        }

        double rest = 0;
        for (; i < length; i++)
            rest += (double)from[i] * from[i];
        return Vector256.Sum(lower + upper) + rest;
    }
}

/// <summary>AdamW in one pass over parameters, gradients and both moments.</summary>
internal readonly unsafe struct AdamWKernel(
    float* parameters, float* gradients, float* first, float* second, float scale, AdamWStep step) : IRangeKernel
{
    private readonly float correction1 = (float)(step.LearningRate / step.FirstCorrection);
    private readonly float correction2 = (float)(1 / step.SecondCorrection);

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint start, nint end, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint border = Math.Clamp(step.Decayed, start, end);
        Update<TSimd, TVector>(start, border, 1f - step.LearningRate * step.WeightDecay);
        Update<TSimd, TVector>(border, end, 1f);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update<TSimd, TVector>(nint start, nint end, float keep)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector scales = TSimd.Create(scale), keeps = TSimd.Create(keep), epsilons = TSimd.Create(step.Epsilon);
        TVector beta1 = TSimd.Create(step.Beta1), beta2 = TSimd.Create(step.Beta2), rest1 = TSimd.Create(1f - step.Beta1), rest2 = TSimd.Create(
            1f - step.Beta2);
        TVector rate = TSimd.Create(correction1), unbias = TSimd.Create(correction2);
        nint i = start;
        for (; i <= end - TSimd.Count; i += TSimd.Count)
        {
            TVector gradient = TSimd.Multiply(TSimd.Load(gradients + i), scales);
            TVector m = TSimd.MultiplyAdd(TSimd.Load(first + i), beta1, TSimd.Multiply(gradient, rest1));
            TVector v = TSimd.MultiplyAdd(TSimd.Load(second + i), beta2, TSimd.Multiply(TSimd.Multiply(gradient, gradient), rest2));
            TSimd.Store(first + i, m);
            TSimd.Store(second + i, v);
            TVector change = TSimd.Divide(TSimd.Multiply(m, rate), TSimd.Add(TSimd.SquareRoot(TSimd.Multiply(v, unbias)), epsilons));
            TSimd.Store(parameters + i, TSimd.Subtract(TSimd.Multiply(TSimd.Load(parameters + i), keeps), change));
        }

        for (; i < end; i++)
        {
            float gradient = gradients[i] * scale;
            first[i] = first[i] * step.Beta1 + gradient * (1f - step.Beta1);
            second[i] = second[i] * step.Beta2 + gradient * gradient * (1f - step.Beta2);
            parameters[i] = parameters[i] * keep - first[i] * correction1 / (MathF.Sqrt(second[i] * correction2) + step.Epsilon);
        }
    }
}
