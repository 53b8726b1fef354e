namespace GptGen.Sampling;

/// <summary>
/// A token's probability relative to the most probable token's, e^((logit - maximum) / temperature), as a whole number of 2^-40. Sums of these do not
/// depend on their order, so every device draws the same token. The steps are those of <c>exponential</c> in <c>prelude.cuh</c>, each rounded once.
/// </summary>
internal static class TokenWeight
{
    private const float One = 1099511627776f;

    /// <summary>Below this the weight is zero.</summary>
    private const float Lowest = -87.33654f;

    /// <summary>A weight from 0 to 1 as a whole number; smaller parts are cut off.</summary>
    public static ulong Fixed(float weight) => (ulong)(weight * One);

    /// <summary>The weight of a logit that is at most the maximum.</summary>
    public static ulong Of(float logit, float maximum, float temperature)
    {
        var x = (logit - maximum) / temperature;
        if (x < Lowest)
            return 0;
        const float ToInteger = 12582912f;
        var n = MathF.FusedMultiplyAdd(x, 1.44269504088896341f, ToInteger) - ToInteger;
        var r = MathF.FusedMultiplyAdd(n, -0.693359375f, x);
        r = MathF.FusedMultiplyAdd(n, 2.12194440e-4f, r);
        var p = 1.9875691500e-4f;
        p = MathF.FusedMultiplyAdd(p, r, 1.3981999507e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 8.3334519073e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 4.1665795894e-2f);
        p = MathF.FusedMultiplyAdd(p, r, 1.6666665459e-1f);
        p = MathF.FusedMultiplyAdd(p, r, 5.0000001201e-1f);
        p = MathF.FusedMultiplyAdd(p, r * r, r + 1f);
        return Fixed(p * BitConverter.Int32BitsToSingle(((int)n + 127) << 23));
    }
}
