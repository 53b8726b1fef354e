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
    public static void Multiply(nint depth, float* a, float* b, float* bias, float* c, nint stride, bool accumulate)
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

        do
        {
            CacheLine.Prefetch(b + MicroKernels.Ahead);
            left = TSimd.Load(b);
            right = TSimd.Load(b + TSimd.Count);
            TVector row = TSimd.Create(a[0]);
            left0 = TSimd.MultiplyAdd(row, left, left0);
            right0 = TSimd.MultiplyAdd(row, right, right0);
            row = TSimd.Create(a[1]);
            left1 = TSimd.MultiplyAdd(row, left, left1);
            right1 = TSimd.MultiplyAdd(row, right, right1);
            row = TSimd.Create(a[2]);
            left2 = TSimd.MultiplyAdd(row, left, left2);
            right2 = TSimd.MultiplyAdd(row, right, right2);
            row = TSimd.Create(a[3]);
            left3 = TSimd.MultiplyAdd(row, left, left3);
            right3 = TSimd.MultiplyAdd(row, right, right3);
            row = TSimd.Create(a[4]);
            left4 = TSimd.MultiplyAdd(row, left, left4);
            right4 = TSimd.MultiplyAdd(row, right, right4);
            row = TSimd.Create(a[5]);
            left5 = TSimd.MultiplyAdd(row, left, left5);
            right5 = TSimd.MultiplyAdd(row, right, right5);

            a += 6;
            b += 2 * TSimd.Count;
        }
        while (--depth != 0);

        FewRows<TSimd, TVector>.Write(c, left0, right0, accumulate);
        FewRows<TSimd, TVector>.Write(c + stride, left1, right1, accumulate);
        FewRows<TSimd, TVector>.Write(c + 2 * stride, left2, right2, accumulate);
        FewRows<TSimd, TVector>.Write(c + 3 * stride, left3, right3, accumulate);
        FewRows<TSimd, TVector>.Write(c + 4 * stride, left4, right4, accumulate);
        FewRows<TSimd, TVector>.Write(c + 5 * stride, left5, right5, accumulate);
    }
}
