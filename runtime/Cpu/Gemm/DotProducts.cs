using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GptGen.Cpu;

/// <summary>
/// Several dot products at once, which hides the latency of the additions. Each is summed in the same order whichever
/// function computes it: lane by lane in one vector, then across the lanes, then what fills no vector.
/// </summary>
internal static unsafe class DotProducts
{
    /// <summary>sums[j] = x · y_j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneByFour<TSimd, TVector>(nint count, float* x, float* y0, float* y1, float* y2, float* y3, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
        nint k = 0;
        for (; k <= count - TSimd.Count; k += TSimd.Count)
        {
            TVector value = TSimd.Load(x + k);
            sum0 = TSimd.MultiplyAdd(value, TSimd.Load(y0 + k), sum0);
            sum1 = TSimd.MultiplyAdd(value, TSimd.Load(y1 + k), sum1);
            sum2 = TSimd.MultiplyAdd(value, TSimd.Load(y2 + k), sum2);
            sum3 = TSimd.MultiplyAdd(value, TSimd.Load(y3 + k), sum3);
        }

        Vector128.Store(TSimd.SumEach(sum0, sum1, sum2, sum3), sums);
        AddRest(count, k, x, y0, y1, y2, y3, sums);
    }

    /// <summary>
    /// sums[4 i + j] = x_i · y_j. It also asks for what lies <paramref name="ahead"/> elements after each y: a caller that
    /// passes several pairs of x by the same y, and then by the next, leaves memory idle otherwise. Asking in every pass,
    /// not only in the first, is worth a quarter of the time with 8 or 16 x: requests in excess are dropped.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TwoByFour<TSimd, TVector>(
        nint count, float* x0, float* x1, float* y0, float* y1, float* y2, float* y3, nint ahead, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector sum00 = TSimd.Zero, sum01 = TSimd.Zero, sum02 = TSimd.Zero, sum03 = TSimd.Zero;
        TVector sum10 = TSimd.Zero, sum11 = TSimd.Zero, sum12 = TSimd.Zero, sum13 = TSimd.Zero;
        nint k = 0;
        for (; k <= count - TSimd.Count; k += TSimd.Count)
        {
            if (TSimd.Count >= CacheLine.Floats || k % CacheLine.Floats == 0)
            {
                CacheLine.Prefetch(y0 + k + ahead);
                CacheLine.Prefetch(y1 + k + ahead);
                CacheLine.Prefetch(y2 + k + ahead);
                CacheLine.Prefetch(y3 + k + ahead);
            }

            TVector value0 = TSimd.Load(x0 + k), value1 = TSimd.Load(x1 + k);
            TVector y = TSimd.Load(y0 + k);
            sum00 = TSimd.MultiplyAdd(value0, y, sum00);
            sum10 = TSimd.MultiplyAdd(value1, y, sum10);
            y = TSimd.Load(y1 + k);
            sum01 = TSimd.MultiplyAdd(value0, y, sum01);
            sum11 = TSimd.MultiplyAdd(value1, y, sum11);
            y = TSimd.Load(y2 + k);
            sum02 = TSimd.MultiplyAdd(value0, y, sum02);
            sum12 = TSimd.MultiplyAdd(value1, y, sum12);
            y = TSimd.Load(y3 + k);
            sum03 = TSimd.MultiplyAdd(value0, y, sum03);
            sum13 = TSimd.MultiplyAdd(value1, y, sum13);
        }

        Vector128.Store(TSimd.SumEach(sum00, sum01, sum02, sum03), sums);
        Vector128.Store(TSimd.SumEach(sum10, sum11, sum12, sum13), sums + 4);
        AddRest(count, k, x0, y0, y1, y2, y3, sums);
        AddRest(count, k, x1, y0, y1, y2, y3, sums + 4);
    }

    /// <summary>
    /// sums[4 i + j] = x_i · y_j for four x, on processors with 32 registers: two thirds of the loads for each multiplication
    /// of <see cref="TwoByFour"/>. It asks for what lies ahead as that does.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourByFour<TSimd, TVector>(
        nint count, float* x, nint xStride, float* y0, float* y1, float* y2, float* y3, nint ahead, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* x0 = x, x1 = x0 + xStride, x2 = x1 + xStride, x3 = x2 + xStride;
        TVector sum00 = TSimd.Zero, sum01 = TSimd.Zero, sum02 = TSimd.Zero, sum03 = TSimd.Zero;
        TVector sum10 = TSimd.Zero, sum11 = TSimd.Zero, sum12 = TSimd.Zero, sum13 = TSimd.Zero;
        TVector sum20 = TSimd.Zero, sum21 = TSimd.Zero, sum22 = TSimd.Zero, sum23 = TSimd.Zero;
        TVector sum30 = TSimd.Zero, sum31 = TSimd.Zero, sum32 = TSimd.Zero, sum33 = TSimd.Zero;
        nint k = 0;
        for (; k <= count - TSimd.Count; k += TSimd.Count)
        {
            if (TSimd.Count >= CacheLine.Floats || k % CacheLine.Floats == 0)
            {
                CacheLine.Prefetch(y0 + k + ahead);
                CacheLine.Prefetch(y1 + k + ahead);
                CacheLine.Prefetch(y2 + k + ahead);
                CacheLine.Prefetch(y3 + k + ahead);
            }

            TVector value0 = TSimd.Load(x0 + k), value1 = TSimd.Load(x1 + k), value2 = TSimd.Load(x2 + k), value3 = TSimd.Load(x3 + k);
            TVector y = TSimd.Load(y0 + k);
            sum00 = TSimd.MultiplyAdd(value0, y, sum00);
            sum10 = TSimd.MultiplyAdd(value1, y, sum10);
            sum20 = TSimd.MultiplyAdd(value2, y, sum20);
            sum30 = TSimd.MultiplyAdd(value3, y, sum30);
            y = TSimd.Load(y1 + k);
            sum01 = TSimd.MultiplyAdd(value0, y, sum01);
            sum11 = TSimd.MultiplyAdd(value1, y, sum11);
            sum21 = TSimd.MultiplyAdd(value2, y, sum21);
            sum31 = TSimd.MultiplyAdd(value3, y, sum31);
            y = TSimd.Load(y2 + k);
            sum02 = TSimd.MultiplyAdd(value0, y, sum02);
            sum12 = TSimd.MultiplyAdd(value1, y, sum12);
            sum22 = TSimd.MultiplyAdd(value2, y, sum22);
            sum32 = TSimd.MultiplyAdd(value3, y, sum32);
            y = TSimd.Load(y3 + k);
            sum03 = TSimd.MultiplyAdd(value0, y, sum03);
            sum13 = TSimd.MultiplyAdd(value1, y, sum13);
            sum23 = TSimd.MultiplyAdd(value2, y, sum23);
            sum33 = TSimd.MultiplyAdd(value3, y, sum33);
        }

        Vector128.Store(TSimd.SumEach(sum00, sum01, sum02, sum03), sums);
        Vector128.Store(TSimd.SumEach(sum10, sum11, sum12, sum13), sums + 4);
        Vector128.Store(TSimd.SumEach(sum20, sum21, sum22, sum23), sums + 8);
        Vector128.Store(TSimd.SumEach(sum30, sum31, sum32, sum33), sums + 12);
        AddRest(count, k, x0, y0, y1, y2, y3, sums);
        AddRest(count, k, x1, y0, y1, y2, y3, sums + 4);
        AddRest(count, k, x2, y0, y1, y2, y3, sums + 8);
        AddRest(count, k, x3, y0, y1, y2, y3, sums + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRest(nint count, nint k, float* x, float* y0, float* y1, float* y2, float* y3, float* sums)
    {
        for (; k < count; k++)
        {
            sums[0] += x[k] * y0[k];
            sums[1] += x[k] * y1[k];
            sums[2] += x[k] * y2[k];
            sums[3] += x[k] * y3[k];
        }
    }
}
