using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// A tile of 6 rows by two vectors, in 12 accumulators: the sixteen registers of AVX2 and SSE hold it.
/// </summary>
/// <remarks>
/// Each accumulator is a local of its own because only such locals stay in registers: an array of them runs at 29 % of the
/// speed. Compiled at once and fully, because the first training step matters too.
/// </remarks>
internal readonly unsafe struct MicroKernel6<TSimd, TVector> : IMicroKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : unmanaged
{
    /// <inheritdoc/>
    public static int Rows => 6;

    /// <inheritdoc/>
    public static int Columns => 2 * TSimd.Count;

    /// <inheritdoc/>
    public static void MultiplyFew(int rows, nint depth, float* a, float* b, float* bias, float* c, nint stride, bool accumulate) =>
        FewRows<TSimd, TVector>.Multiply(Rows, rows, depth, a, b, bias, c, stride, accumulate);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(nint depth, float* a, float* b, float* bias, float* c, nint stride, bool accumulate, bool streamed)
    {
        TVector left = TSimd.Zero, right = TSimd.Zero;
        if (bias != null)
        {
            left = TSimd.Load(bias);
            right = TSimd.Load(bias + TSimd.Count);
        }

        TVector left0 = left, right0 = right;
        TVector left1 = left, right1 = right;
        TVector left2 = left, right2 = right;
        TVector left3 = left, right3 = right;
        TVector left4 = left, right4 = right;
        TVector left5 = left, right5 = right;

        nint single = streamed ? depth : depth % MicroKernels.Unrolled;
        depth -= single;
        for (; single != 0; single--)
        {
            CacheLine.Prefetch(b + MicroKernels.Ahead);
            Step(
                a, b, 0,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5);
            a += 6;
            b += 2 * TSimd.Count;
        }

        for (; depth != 0; depth -= MicroKernels.Unrolled)
        {
            Step(
                a, b, 0,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5);
            Step(
                a, b, 1,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5);
            Step(
                a, b, 2,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5);
            Step(
                a, b, 3,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5);
            a += MicroKernels.Unrolled * 6;
            b += MicroKernels.Unrolled * 2 * TSimd.Count;
        }

        FewRows<TSimd, TVector>.Write(c, left0, right0, accumulate);
        FewRows<TSimd, TVector>.Write(c + stride, left1, right1, accumulate);
        FewRows<TSimd, TVector>.Write(c + 2 * stride, left2, right2, accumulate);
        FewRows<TSimd, TVector>.Write(c + 3 * stride, left3, right3, accumulate);
        FewRows<TSimd, TVector>.Write(c + 4 * stride, left4, right4, accumulate);
        FewRows<TSimd, TVector>.Write(c + 5 * stride, left5, right5, accumulate);
    }

    /// <summary>
    /// One of the k from <paramref name="a"/> and <paramref name="b"/> on; <paramref name="k"/>, a constant, becomes part of the addresses.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        float* a, float* b, int k,
        ref TVector left0, ref TVector right0, ref TVector left1, ref TVector right1,
        ref TVector left2, ref TVector right2, ref TVector left3, ref TVector right3,
        ref TVector left4, ref TVector right4, ref TVector left5, ref TVector right5)
    {
        TVector left = TSimd.Load(b + k * 2 * TSimd.Count);
        TVector right = TSimd.Load(b + (k * 2 + 1) * TSimd.Count);
        TVector row = TSimd.Create(a[k * 6]);
        left0 = TSimd.MultiplyAdd(row, left, left0);
        right0 = TSimd.MultiplyAdd(row, right, right0);
        row = TSimd.Create(a[k * 6 + 1]);
        left1 = TSimd.MultiplyAdd(row, left, left1);
        right1 = TSimd.MultiplyAdd(row, right, right1);
        row = TSimd.Create(a[k * 6 + 2]);
        left2 = TSimd.MultiplyAdd(row, left, left2);
        right2 = TSimd.MultiplyAdd(row, right, right2);
        row = TSimd.Create(a[k * 6 + 3]);
        left3 = TSimd.MultiplyAdd(row, left, left3);
        right3 = TSimd.MultiplyAdd(row, right, right3);
        row = TSimd.Create(a[k * 6 + 4]);
        left4 = TSimd.MultiplyAdd(row, left, left4);
        right4 = TSimd.MultiplyAdd(row, right, right4);
        row = TSimd.Create(a[k * 6 + 5]);
        left5 = TSimd.MultiplyAdd(row, left, left5);
        right5 = TSimd.MultiplyAdd(row, right, right5);
    }
}
