using System.Runtime.InteropServices;
using GptGen.Sampling;

namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Draws a token for each of <paramref name="draws"/>, which hold <see cref="TokenDraw"/>s, from its row of logits. Weights w are whole numbers
    /// (<c>TokenWeight</c>). Tokens rank by logit, equal ones by number. Of the ranking only the beginning of weight S counts, the least of: the
    /// weight of the first top-k; that of the fewest tokens that reach top-p of it; that of all tokens of the least weight or more. The token is the
    /// first in the ranking up to which the weights exceed random x S / 2^64; where nothing is filtered, the first by number. Negative numbers say
    /// why there is no token.
    /// </summary>
    /// <param name="logits">The logits; -infinity excludes a token.</param>
    /// <param name="limit">Tokens from this number on are never drawn.</param>
    /// <param name="draws">The draws, <see cref="TokenDraw.Words"/> integers each.</param>
    /// <param name="seen">
    /// A bit a token for each slot: it has occurred, so that the repetition penalty concerns it. Such a draw sets its own token's.
    /// </param>
    /// <param name="tokens">Receives a token a draw.</param>
    /// <exception cref="ArgumentException">A view does not lie in memory of this device, or a draw names a row or slot that there is not.</exception>
    public void Sample<TVocabulary>(Rows<TVocabulary> logits, int limit, Integers draws, Integers seen, Integers tokens)
        where TVocabulary : struct, IDimension
    {
        using var call = Begin();
        var shape = new SamplingShape(tokens.Count, limit, TVocabulary.Size, TVocabulary.Stored);
        if (limit < 1 || limit > TVocabulary.Size)
            throw new ArgumentOutOfRangeException(nameof(limit), limit, $"There are {TVocabulary.Size} tokens to draw from.");
        NeedStored(logits, 0);
        Need(draws, (nint)tokens.Count * TokenDraw.Words);
        Need(seen, 0);
        Need(tokens, tokens.Count);
        if (!draws.Start.Arena.HoldsCheckedIndices)
            CheckDraws(draws, tokens.Count, logits.Count, seen.Count / shape.SlotWords);
        Sample(logits.Start, draws.Start, seen.Start, tokens.Start, shape);
    }

    /// <summary>The untyped core of <c>Sample</c>.</summary>
    protected abstract void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape);

    private static void CheckDraws(Integers draws, int count, int rows, int slots)
    {
        Span<TokenDraw> draw = stackalloc TokenDraw[1];
        for (var index = 0; index < count; index++)
        {
            draws.Start.Arena.Read(draws.Start.Offset + ((nint)index * TokenDraw.Words), MemoryMarshal.Cast<TokenDraw, int>(draw));
            if ((uint)draw[0].Row >= (uint)rows || (uint)draw[0].Slot >= (uint)slots)
                throw new ArgumentException($"Draw {index} names row {draw[0].Row} of {rows} and slot {draw[0].Slot} of {slots}.", nameof(draws));
        }
    }
}

/// <summary>The sizes of some draws.</summary>
/// <param name="Draws">Number of draws.</param>
/// <param name="Limit">Tokens from this number on are never drawn.</param>
/// <param name="Vocabulary">Number of the model's tokens.</param>
/// <param name="Stride">Elements from one row of logits to the next.</param>
public readonly record struct SamplingShape(int Draws, int Limit, int Vocabulary, int Stride)
{
    /// <summary>Integers with a bit for each of some tokens.</summary>
    public static int SeenWords(int vocabulary) => (vocabulary + 31) / 32;

    /// <summary>Integers of a slot's bits.</summary>
    internal int SlotWords => SeenWords(Vocabulary);
}
