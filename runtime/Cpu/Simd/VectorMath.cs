using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>Functions and reductions over vectors and runs of floats, one text for every vector width.</summary>
internal static unsafe class VectorMath
{
    /// <summary>Below this the exponential is zero: e^x would no longer be a normal number.</summary>
    private const float ExpLowest = -87.33654f;

    /// <summary>Above this the exponential is infinite: the last argument whose power of two is at most 2^127.</summary>
    private const float ExpHighest = 88.37626f;

    /// <summary>
    /// e^x with a relative error of at most 1.2e-7: x = n ln 2 + r with |r| &lt;= ln 2 / 2, and e^r by a polynomial of
    /// degree 6 (Cephes, expf). Results below the normal numbers are zero, above 2^127 infinite; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector lowest = TSimd.Create(ExpLowest);
        TVector highest = TSimd.Create(ExpHighest);
        TVector clamped = TSimd.Minimum(highest, TSimd.Maximum(lowest, x));
        TVector n = TSimd.Round(TSimd.Multiply(clamped, TSimd.Create(1.44269504088896341f)));

        // ln 2 in two parts: the first has few bits, so that n times it is exact.
        TVector r = TSimd.MultiplySubtractFrom(n, TSimd.Create(0.693359375f), clamped);
        r = TSimd.MultiplySubtractFrom(n, TSimd.Create(-2.12194440e-4f), r);

        TVector p = TSimd.Create(1.9875691500e-4f);
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(1.3981999507e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(8.3334519073e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(4.1665795894e-2f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(1.6666665459e-1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(5.0000001201e-1f));
        p = TSimd.MultiplyAdd(p, TSimd.Multiply(r, r), TSimd.Add(r, TSimd.Create(1f)));

        TVector result = TSimd.ScaleByPowerOfTwo(p, n);
        result = TSimd.SelectGreater(lowest, x, TSimd.Zero, result);
        return TSimd.SelectGreater(x, highest, TSimd.Create(float.PositiveInfinity), result);
    }

    /// <summary>1 / (1 + e^-x), absolute error below 1.2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector one = TSimd.Create(1f);
        return TSimd.Divide(one, TSimd.Add(one, Exp<TSimd, TVector>(TSimd.Subtract(TSimd.Zero, x))));
    }

    /// <summary>
    /// tanh x with a relative error of at most 2.4e-7: 1 - 2 / (e^2|x| + 1), and near zero, where that loses digits, a polynomial of degree 11
    /// (Cephes, tanhf). NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector size = TSimd.Absolute(x), one = TSimd.Create(1f), two = TSimd.Create(2f);
        TVector far = TSimd.Subtract(one, TSimd.Divide(two, TSimd.Add(Exp<TSimd, TVector>(TSimd.Multiply(two, size)), one)));
        far = TSimd.SelectGreater(x, TSimd.Zero, far, TSimd.Subtract(TSimd.Zero, far));
        TVector square = TSimd.Multiply(x, x);
        TVector p = TSimd.Create(-5.70498872745e-3f);
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(2.06390887954e-2f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(-5.37397155531e-2f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(1.33314422036e-1f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(-3.33332819422e-1f));
        TVector near = TSimd.MultiplyAdd(TSimd.Multiply(p, square), x, x);
        return TSimd.SelectGreater(size, TSimd.Create(0.625f), far, near);
    }

    /// <summary>The sum of <paramref name="count"/> values, in four independent accumulators: the order depends on the vector's width only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum<TSimd, TVector>(float* values, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
        nint i = 0;
        for (; i <= count - 4 * TSimd.Count; i += 4 * TSimd.Count)
        {
            sum0 = TSimd.Add(sum0, TSimd.Load(values + i));
            sum1 = TSimd.Add(sum1, TSimd.Load(values + i + TSimd.Count));
            sum2 = TSimd.Add(sum2, TSimd.Load(values + i + 2 * TSimd.Count));
            sum3 = TSimd.Add(sum3, TSimd.Load(values + i + 3 * TSimd.Count));
        }

        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            sum0 = TSimd.Add(sum0, TSimd.Load(values + i));
        }

        if (i < count)
        {
            sum1 = TSimd.Add(sum1, TSimd.LoadFirst(values + i, count - i, TSimd.Zero));
        }

        return TSimd.Sum(TSimd.Add(TSimd.Add(sum0, sum1), TSimd.Add(sum2, sum3)));
    }

    /// <summary>The largest of <paramref name="count"/> values; negative infinity when there are none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Maximum<TSimd, TVector>(float* values, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector max0 = TSimd.Create(float.NegativeInfinity), max1 = max0, max2 = max0, max3 = max0;
        nint i = 0;
        for (; i <= count - 4 * TSimd.Count; i += 4 * TSimd.Count)
        {
            max0 = TSimd.Maximum(max0, TSimd.Load(values + i));
            max1 = TSimd.Maximum(max1, TSimd.Load(values + i + TSimd.Count));
            max2 = TSimd.Maximum(max2, TSimd.Load(values + i + 2 * TSimd.Count));
            max3 = TSimd.Maximum(max3, TSimd.Load(values + i + 3 * TSimd.Count));
        }

        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            max0 = TSimd.Maximum(max0, TSimd.Load(values + i));
        }

        if (i < count)
        {
            max1 = TSimd.Maximum(max1, TSimd.LoadFirst(values + i, count - i, max1));
        }

        return TSimd.Largest(TSimd.Maximum(TSimd.Maximum(max0, max1), TSimd.Maximum(max2, max3)));
    }
}
