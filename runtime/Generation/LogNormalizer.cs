using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GptGen.Sampling;

namespace GptGen.Generation;

/// <summary>What is subtracted from a logit to get the logarithm of its token's probability.</summary>
internal static class LogNormalizer
{
    /// <summary>log of the sum of e^logit, in double precision; the same bits on every machine with the same instructions.</summary>
    /// <exception cref="GptGenException">A logit is not a number, or the largest is infinite.</exception>
    internal static double Of(ReadOnlySpan<float> logits)
    {
        var largest = Largest(logits);
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(logits);
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        foreach (var vector in vectors)
        {
            var (first, second) = Vector256.Widen(vector);
            low += Vector256.Exp(first - Vector256.Create((double)largest));
            high += Vector256.Exp(second - Vector256.Create((double)largest));
        }

        var sum = Vector256.Sum(low + high);
        foreach (var logit in logits[(vectors.Length * Vector256<float>.Count)..])
            sum += Math.Exp((double)logit - largest);
        return double.IsFinite(sum) ? largest + Math.Log(sum) : throw Wrong(logits);
    }

    private static float Largest(ReadOnlySpan<float> logits)
    {
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(logits);
        var most = Vector256.Create(float.NegativeInfinity);
        foreach (var vector in vectors)
            most = Vector256.Max(most, vector);
        var largest = float.NegativeInfinity;
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
            largest = Math.Max(largest, most[lane]);
        foreach (var logit in logits[(vectors.Length * Vector256<float>.Count)..])
            largest = Math.Max(largest, logit);
        return float.IsFinite(largest) ? largest : throw Wrong(logits);
    }

    private static GptGenException Wrong(ReadOnlySpan<float> logits)
    {
        for (var token = 0; token < logits.Length; token++)
        {
            if (float.IsNaN(logits[token]))
                return TokenDraw.Failure(TokenDraw.NotANumber(token));
        }

        return TokenDraw.Failure(logits.Contains(float.PositiveInfinity) ? TokenDraw.PositiveInfinity : TokenDraw.NegativeInfinity);
    }
}
