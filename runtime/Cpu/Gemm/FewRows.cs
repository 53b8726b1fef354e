using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// Up to four rows of a tile by two vectors, in at most eight accumulators: the edge of a result, and all of it where a few tokens are decoded. Each
/// element is summed as in a whole tile.
/// </summary>
internal static unsafe class FewRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>What <see cref="IMicroKernel.MultiplyFew"/> says; a panel of a has <paramref name="tileRows"/> rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        int tileRows, int rows, nint depth, float* a, float* b, float* bias, float* c, nint stride, bool accumulate)
    {
        TVector left = TSimd.Zero, right = TSimd.Zero;
        if (bias != null)
        {
            left = TSimd.Load(bias);
            right = TSimd.Load(bias + TSimd.Count);
        }

        TVector left0 = left, right0 = right;
        if (rows == 1)
        {
            do
            {
                CacheLine.Prefetch(b + MicroKernels.Ahead);
                TVector row = TSimd.Create(a[0]);
                left0 = TSimd.MultiplyAdd(row, TSimd.Load(b), left0);
                right0 = TSimd.MultiplyAdd(row, TSimd.Load(b + TSimd.Count), right0);
                a += tileRows;
                b += 2 * TSimd.Count;
            }
            while (--depth != 0);

            Write(c, left0, right0, accumulate);
            return;
        }

        TVector left1 = left, right1 = right;
        TVector left2 = left, right2 = right;
        TVector left3 = left, right3 = right;
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
            a += tileRows;
            b += 2 * TSimd.Count;
        }
        while (--depth != 0);

        Write(c, left0, right0, accumulate);
        Write(c + stride, left1, right1, accumulate);
        if (rows > 2)
            Write(c + 2 * stride, left2, right2, accumulate);
        if (rows > 3)
            Write(c + 3 * stride, left3, right3, accumulate);
    }

    /// <summary>Writes a row of a tile, or adds it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(float* c, TVector left, TVector right, bool accumulate)
    {
        if (accumulate)
        {
            left = TSimd.Add(TSimd.Load(c), left);
            right = TSimd.Add(TSimd.Load(c + TSimd.Count), right);
        }

        TSimd.Store(c, left);
        TSimd.Store(c + TSimd.Count, right);
    }
}
