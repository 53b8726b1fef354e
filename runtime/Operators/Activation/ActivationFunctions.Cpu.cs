using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>An activation function and its derivative, lane by lane.</summary>
internal interface IActivationFunction
{
    /// <summary>f(x).</summary>
    static abstract TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;

    /// <summary>f'(x).</summary>
    static abstract TVector Slope<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;
}

/// <summary>x sigmoid(2u) with u = sqrt(2/pi) (x + 0.044715 x^3), which equals 0.5 x (1 + tanh u) and loses no digits below zero.</summary>
internal readonly struct GeluTanhFunction : IActivationFunction
{
    private const float Linear = 2f * 0.7978845608028654f;
    private const float Cubic = Linear * 0.044715f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        TSimd.Multiply(x, Share<TSimd, TVector>(x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector share = Share<TSimd, TVector>(x);
        TVector inner = TSimd.MultiplyAdd(TSimd.Multiply(x, x), TSimd.Create(3f * Cubic), TSimd.Create(Linear));
        TVector change = TSimd.Multiply(TSimd.Multiply(share, TSimd.Subtract(TSimd.Create(1f), share)), inner);
        return TSimd.MultiplyAdd(x, change, share);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Share<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        VectorMath.Sigmoid<TSimd, TVector>(
            TSimd.Multiply(x, TSimd.MultiplyAdd(TSimd.Multiply(x, x), TSimd.Create(Cubic), TSimd.Create(Linear))));
}

/// <summary>
/// x Phi(x), from the complementary error function as exp of a polynomial in 1 / (1 + z / 2), whose relative error is at most 1.2e-7
/// (Press et al., Numerical Recipes, section 6.2).
/// </summary>
internal readonly struct GeluErfFunction : IActivationFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        TSimd.Multiply(x, Phi<TSimd, TVector>(x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector density = TSimd.Multiply(
            VectorMath.Exp<TSimd, TVector>(TSimd.Multiply(TSimd.Multiply(x, x), TSimd.Create(-0.5f))), TSimd.Create(0.3989422804014327f));
        return TSimd.MultiplyAdd(x, density, Phi<TSimd, TVector>(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Phi<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector z = TSimd.Multiply(TSimd.Absolute(x), TSimd.Create(0.7071067811865476f)), one = TSimd.Create(1f);
        TVector t = TSimd.Divide(one, TSimd.MultiplyAdd(z, TSimd.Create(0.5f), one));
        TVector p = TSimd.Create(0.17087277f);
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(-0.82215223f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(1.48851587f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(-1.13520398f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(0.27886807f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(-0.18628806f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(0.09678418f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(0.37409196f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(1.00002368f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Create(-1.26551223f));
        TVector tail = TSimd.Multiply(
            TSimd.Multiply(TSimd.Create(0.5f), t), VectorMath.Exp<TSimd, TVector>(TSimd.MultiplySubtractFrom(z, z, p)));
        return TSimd.SelectGreater(x, TSimd.Zero, TSimd.Subtract(one, tail), tail);
    }
}

/// <summary>max(x, 0); the slope at 0 is 0.</summary>
internal readonly struct ReluFunction : IActivationFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        TSimd.Maximum(TSimd.Zero, x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        TSimd.SelectGreater(x, TSimd.Zero, TSimd.Create(1f), TSimd.Zero);
}

/// <summary>The hyperbolic tangent; its slope as 4 e / (1 + e)^2 with e = e^-2|x|, which loses no digits where the function is flat.</summary>
internal readonly struct TanhFunction : IActivationFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        VectorMath.Tanh<TSimd, TVector>(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector e = VectorMath.Exp<TSimd, TVector>(TSimd.Multiply(TSimd.Absolute(x), TSimd.Create(-2f)));
        TVector sum = TSimd.Add(TSimd.Create(1f), e);
        return TSimd.Divide(TSimd.Multiply(TSimd.Create(4f), e), TSimd.Multiply(sum, sum));
    }
}

/// <summary>x sigmoid(x); its slope is sigmoid(x) + x sigmoid(x) sigmoid(-x).</summary>
internal readonly struct SiluFunction : IActivationFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        TSimd.Multiply(x, VectorMath.Sigmoid<TSimd, TVector>(x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // sigmoid(|x|) = 1 / (1 + e), and what it lacks to 1, which is sigmoid(-|x|), is e / (1 + e).
        TVector one = TSimd.Create(1f), e = VectorMath.Exp<TSimd, TVector>(TSimd.Subtract(TSimd.Zero, TSimd.Absolute(x)));
        TVector larger = TSimd.Divide(one, TSimd.Add(one, e)), smaller = TSimd.Multiply(e, larger);
        return TSimd.MultiplyAdd(x, TSimd.Multiply(larger, smaller), TSimd.SelectGreater(x, TSimd.Zero, larger, smaller));
    }
}
