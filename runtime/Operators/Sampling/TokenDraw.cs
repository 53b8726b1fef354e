using System.Runtime.InteropServices;

namespace GptGen.Sampling;

/// <summary>One draw as devices read it; <c>sampling.cu</c> declares the same layout.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TokenDraw
{
    /// <summary>32-bit words that it takes in memory.</summary>
    public const int Words = 12;

    /// <summary>2^64: what <see cref="TopShare"/> counts as all.</summary>
    internal const float Whole = 18446744073709551616f;

    /// <summary>What a device gives in a token's place when the largest logit is +infinity.</summary>
    internal const int PositiveInfinity = int.MinValue;

    /// <summary>The same when every logit is -infinity.</summary>
    internal const int NegativeInfinity = int.MinValue + 1;

    /// <summary>The place of the draw within all that may be drawn, of 2^64.</summary>
    public ulong Random { get; init; }

    /// <summary>The probability that the kept tokens reach together, of 2^64; 0 keeps all.</summary>
    public ulong TopShare { get; init; }

    /// <summary>Tokens of less weight are left out; the most probable one's weight is 2^40.</summary>
    public ulong LeastWeight { get; init; }

    /// <summary>Divides the logits; 0 takes the most probable token.</summary>
    public float Temperature { get; init; }

    /// <summary>Divides the positive logits of tokens seen before and multiplies their negative ones.</summary>
    public float RepetitionPenalty { get; init; }

    /// <summary>Keeps so many of the most probable tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>The row of logits.</summary>
    public int Row { get; init; }

    /// <summary>The slot whose tokens so far count for the repetition penalty.</summary>
    public int Slot { get; init; }

    /// <summary>Keeps the next draw's 64-bit numbers aligned.</summary>
    private readonly int padding;

    /// <summary>Whether some tokens are left out.</summary>
    internal bool IsFiltered => TopK > 0 || TopShare > 0 || LeastWeight > 0;

    /// <summary>What stands in the place of a token where a logit is not a number.</summary>
    internal static int NotANumber(int token) => ~token;

    /// <summary>Refuses what is no token but says why there is none.</summary>
    /// <exception cref="GptGenException">The logits were no numbers.</exception>
    internal static void Check(int token)
    {
        if (token < 0)
            throw Failure(token);
    }

    /// <summary>The mistake that stands in a token's place.</summary>
    internal static GptGenException Failure(int token)
    {
        var cause = token is PositiveInfinity or NegativeInfinity
            ? $"The model's largest logit is {(token == PositiveInfinity ? "+" : "-")}infinity"
            : $"The model's logit of token {~token} is not a number";
        return new($"{cause}: the weights are damaged or training diverged; use an earlier checkpoint.");
    }
}
