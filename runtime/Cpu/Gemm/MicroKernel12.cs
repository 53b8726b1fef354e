using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// A tile of 12 rows by two vectors, in 24 accumulators: the 32 registers of AVX-512 and NEON hold it.
/// </summary>
/// <remarks>
/// Each accumulator is a local of its own because only such locals stay in registers: an array of them runs at 29 % of the
/// speed. Compiled at once and fully, because the first training step matters too.
/// </remarks>
internal readonly unsafe struct MicroKernel12<TSimd, TVector> : IMicroKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : unmanaged
{
    /// <inheritdoc/>
    public static int Rows => 12;

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
        TVector left6 = left, right6 = right;
        TVector left7 = left, right7 = right;
        TVector left8 = left, right8 = right;
        TVector left9 = left, right9 = right;
        TVector left10 = left, right10 = right;
        TVector left11 = left, right11 = right;

        nint single = streamed ? depth : depth % MicroKernels.Unrolled;
        depth -= single;
        for (; single != 0; single--)
        {
            CacheLine.Prefetch(b + MicroKernels.Ahead);
            Step(
                a, b, 0,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5, ref left6, ref right6, ref left7, ref right7, ref left8, ref right8, ref left9, ref right9,
                ref left10, ref right10, ref left11, ref right11);
            a += 12;
            b += 2 * TSimd.Count;
        }

        for (; depth != 0; depth -= MicroKernels.Unrolled)
        {
            Step(
                a, b, 0,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5, ref left6, ref right6, ref left7, ref right7, ref left8, ref right8, ref left9, ref right9,
                ref left10, ref right10, ref left11, ref right11);
            Step(
                a, b, 1,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5, ref left6, ref right6, ref left7, ref right7, ref left8, ref right8, ref left9, ref right9,
                ref left10, ref right10, ref left11, ref right11);
            Step(
                a, b, 2,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5, ref left6, ref right6, ref left7, ref right7, ref left8, ref right8, ref left9, ref right9,
                ref left10, ref right10, ref left11, ref right11);
            Step(
                a, b, 3,
                ref left0, ref right0, ref left1, ref right1, ref left2, ref right2, ref left3, ref right3, ref left4, ref right4,
                ref left5, ref right5, ref left6, ref right6, ref left7, ref right7, ref left8, ref right8, ref left9, ref right9,
                ref left10, ref right10, ref left11, ref right11);
            a += MicroKernels.Unrolled * 12;
            b += MicroKernels.Unrolled * 2 * TSimd.Count;
        }

        FewRows<TSimd, TVector>.Write(c, left0, right0, accumulate);
        FewRows<TSimd, TVector>.Write(c + stride, left1, right1, accumulate);
        FewRows<TSimd, TVector>.Write(c + 2 * stride, left2, right2, accumulate);
        FewRows<TSimd, TVector>.Write(c + 3 * stride, left3, right3, accumulate);
        FewRows<TSimd, TVector>.Write(c + 4 * stride, left4, right4, accumulate);
        FewRows<TSimd, TVector>.Write(c + 5 * stride, left5, right5, accumulate);
        FewRows<TSimd, TVector>.Write(c + 6 * stride, left6, right6, accumulate);
        FewRows<TSimd, TVector>.Write(c + 7 * stride, left7, right7, accumulate);
        FewRows<TSimd, TVector>.Write(c + 8 * stride, left8, right8, accumulate);
        FewRows<TSimd, TVector>.Write(c + 9 * stride, left9, right9, accumulate);
        FewRows<TSimd, TVector>.Write(c + 10 * stride, left10, right10, accumulate);
        FewRows<TSimd, TVector>.Write(c + 11 * stride, left11, right11, accumulate);
    }

    /// <summary>
    /// One of the k from <paramref name="a"/> and <paramref name="b"/> on; <paramref name="k"/>, a constant, becomes part of the addresses.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        float* a, float* b, int k,
        ref TVector left0, ref TVector right0, ref TVector left1, ref TVector right1,
        ref TVector left2, ref TVector right2, ref TVector left3, ref TVector right3,
        ref TVector left4, ref TVector right4, ref TVector left5, ref TVector right5,
        ref TVector left6, ref TVector right6, ref TVector left7, ref TVector right7,
        ref TVector left8, ref TVector right8, ref TVector left9, ref TVector right9,
        ref TVector left10, ref TVector right10, ref TVector left11, ref TVector right11)
    {
        TVector left = TSimd.Load(b + k * 2 * TSimd.Count);
        TVector right = TSimd.Load(b + (k * 2 + 1) * TSimd.Count);
        TVector row = TSimd.Create(a[k * 12]);
        left0 = TSimd.MultiplyAdd(row, left, left0);
        right0 = TSimd.MultiplyAdd(row, right, right0);
        row = TSimd.Create(a[k * 12 + 1]);
        left1 = TSimd.MultiplyAdd(row, left, left1);
        right1 = TSimd.MultiplyAdd(row, right, right1);
        row = TSimd.Create(a[k * 12 + 2]);
        left2 = TSimd.MultiplyAdd(row, left, left2);
        right2 = TSimd.MultiplyAdd(row, right, right2);
        row = TSimd.Create(a[k * 12 + 3]);
        left3 = TSimd.MultiplyAdd(row, left, left3);
        right3 = TSimd.MultiplyAdd(row, right, right3);
        row = TSimd.Create(a[k * 12 + 4]);
        left4 = TSimd.MultiplyAdd(row, left, left4);
        right4 = TSimd.MultiplyAdd(row, right, right4);
        row = TSimd.Create(a[k * 12 + 5]);
        left5 = TSimd.MultiplyAdd(row, left, left5);
        right5 = TSimd.MultiplyAdd(row, right, right5);
        row = TSimd.Create(a[k * 12 + 6]);
        left6 = TSimd.MultiplyAdd(row, left, left6);
        right6 = TSimd.MultiplyAdd(row, right, right6);
        row = TSimd.Create(a[k * 12 + 7]);
        left7 = TSimd.MultiplyAdd(row, left, left7);
        right7 = TSimd.MultiplyAdd(row, right, right7);
        row = TSimd.Create(a[k * 12 + 8]);
        left8 = TSimd.MultiplyAdd(row, left, left8);
        right8 = TSimd.MultiplyAdd(row, right, right8);
        row = TSimd.Create(a[k * 12 + 9]);
        left9 = TSimd.MultiplyAdd(row, left, left9);
        right9 = TSimd.MultiplyAdd(row, right, right9);
        row = TSimd.Create(a[k * 12 + 10]);
        left10 = TSimd.MultiplyAdd(row, left, left10);
        right10 = TSimd.MultiplyAdd(row, right, right10);
        row = TSimd.Create(a[k * 12 + 11]);
        left11 = TSimd.MultiplyAdd(row, left, left11);
        right11 = TSimd.MultiplyAdd(row, right, right11);
    }
}
