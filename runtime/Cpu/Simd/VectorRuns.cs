using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>Short loops over runs of floats that several kernels share; sums are taken in an order that depends on the vector's width only.</summary>
internal static unsafe class VectorRuns
{
    /// <summary>The first <paramref name="count"/> values, at least one and at most a vector's; the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(float* source, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        count >= TSimd.Count ? TSimd.Load(source) : TSimd.LoadFirst(source, count, TSimd.Zero);

    /// <summary>Writes the first <paramref name="count"/> lanes, at least one and at most all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TSimd, TVector>(float* destination, TVector value, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        if (count >= TSimd.Count)
            TSimd.Store(destination, value);
        else
            TSimd.StoreFirst(destination, value, count);
    }

    /// <summary>The sum of left[i] x right[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot<TSimd, TVector>(float* left, float* right, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero;
        nint i = 0;
        for (; i <= count - 2 * TSimd.Count; i += 2 * TSimd.Count)
        {
            sum0 = TSimd.MultiplyAdd(TSimd.Load(left + i), TSimd.Load(right + i), sum0);
            sum1 = TSimd.MultiplyAdd(TSimd.Load(left + i + TSimd.Count), TSimd.Load(right + i + TSimd.Count), sum1);
        }

        float rest = 0f;
        if (i <= count - TSimd.Count)
        {
            sum0 = TSimd.MultiplyAdd(TSimd.Load(left + i), TSimd.Load(right + i), sum0);
            i += TSimd.Count;
        }

        for (; i < count; i++)
            rest += left[i] * right[i];
        return TSimd.Sum(TSimd.Add(sum0, sum1)) + rest;
    }

    /// <summary>destination[i] += source[i] x factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled<TSimd, TVector>(float* destination, float* source, float factor, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector factors = TSimd.Create(factor);
        nint i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            TSimd.Store(destination + i, TSimd.MultiplyAdd(TSimd.Load(source + i), factors, TSimd.Load(destination + i)));
        for (; i < count; i++)
            destination[i] = MathF.FusedMultiplyAdd(source[i], factor, destination[i]);
    }

    /// <summary>values[i] x= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale<TSimd, TVector>(float* values, float factor, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        ScaleTo<TSimd, TVector>(values, values, factor, count);

    /// <summary>destination[i] = source[i] x factor. Both may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleTo<TSimd, TVector>(float* source, float* destination, float factor, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector factors = TSimd.Create(factor);
        nint i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            TSimd.Store(destination + i, TSimd.Multiply(TSimd.Load(source + i), factors));
        for (; i < count; i++)
            destination[i] = source[i] * factor;
    }

    /// <summary>Copies rows, whose lengths are too small for a call each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyRows<TSimd, TVector>(float* source, nint sourceStride, float* destination, nint stride, nint rows, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = 0; row < rows; row++, source += sourceStride, destination += stride)
        {
            nint i = 0;
            for (; i <= count - TSimd.Count; i += TSimd.Count)
                TSimd.Store(destination + i, TSimd.Load(source + i));
            for (; i < count; i++)
                destination[i] = source[i];
        }
    }

    /// <summary>values[i] += addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddConstant<TSimd, TVector>(float* values, float addend, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector addends = TSimd.Create(addend);
        nint i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            TSimd.Store(values + i, TSimd.Add(TSimd.Load(values + i), addends));
        for (; i < count; i++)
            values[i] += addend;
    }

    /// <summary>The sum of values[i] - subtrahend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfDifferences<TSimd, TVector>(float* values, float subtrahend, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector subtrahends = TSimd.Create(subtrahend), sum0 = TSimd.Zero, sum1 = TSimd.Zero;
        nint i = 0;
        for (; i <= count - 2 * TSimd.Count; i += 2 * TSimd.Count)
        {
            sum0 = TSimd.Add(sum0, TSimd.Subtract(TSimd.Load(values + i), subtrahends));
            sum1 = TSimd.Add(sum1, TSimd.Subtract(TSimd.Load(values + i + TSimd.Count), subtrahends));
        }

        float rest = 0f;
        for (; i < count; i++)
            rest += values[i] - subtrahend;
        return TSimd.Sum(TSimd.Add(sum0, sum1)) + rest;
    }

    /// <summary>The sum of (values[i] - center)^2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SquaredDistance<TSimd, TVector>(float* values, float center, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector centers = TSimd.Create(center), sum0 = TSimd.Zero, sum1 = sum0;
        nint i = 0;
        for (; i <= count - 2 * TSimd.Count; i += 2 * TSimd.Count)
        {
            TVector left = TSimd.Subtract(TSimd.Load(values + i), centers);
            TVector right = TSimd.Subtract(TSimd.Load(values + i + TSimd.Count), centers);
            sum0 = TSimd.MultiplyAdd(left, left, sum0);
            sum1 = TSimd.MultiplyAdd(right, right, sum1);
        }

        float rest = 0f;
        for (; i < count; i++)
            rest += (values[i] - center) * (values[i] - center);
        return TSimd.Sum(TSimd.Add(sum0, sum1)) + rest;
    }

    /// <summary>destination[i] = e^(source[i] x scale - shift); returns the sum. Both may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials<TSimd, TVector>(float* source, float* destination, float scale, float shift, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector scales = TSimd.Create(scale), shifts = TSimd.Create(-shift), sum0 = TSimd.Zero, sum1 = TSimd.Zero;
        nint i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            TVector value = VectorMath.Exp<TSimd, TVector>(TSimd.MultiplyAdd(TSimd.Load(source + i), scales, shifts));
            TSimd.Store(destination + i, value);
            sum0 = TSimd.Add(value, sum0);
        }

        if (i < count)
        {
            TVector last = TSimd.LoadFirst(source + i, count - i, TSimd.Create(float.NegativeInfinity));
            last = VectorMath.Exp<TSimd, TVector>(TSimd.MultiplyAdd(last, scales, shifts));
            TSimd.StoreFirst(destination + i, last, count - i);
            sum1 = last;
        }

        return TSimd.Sum(TSimd.Add(sum0, sum1));
    }
}
