namespace GptGen.Serving;

/// <summary>
/// Which tokens the slots of a cache hold, also after their text has ended: a text that begins like another one, or goes on where one ended, takes
/// over what is there.
/// </summary>
internal sealed class SlotTable
{
    private readonly int[][] tokens;
    private readonly int[] counts;
    private readonly long[] lastUse;
    private readonly bool[] isTaken;
    private long uses;

    internal SlotTable(int slots, int capacity)
    {
        tokens = [.. Enumerable.Range(0, slots).Select(_ => new int[capacity])];
        (counts, lastUse, isTaken) = (new int[slots], new long[slots], new bool[slots]);
    }

    /// <summary>The slot that begins most like a text, and how many tokens it shares, at most all but the last.</summary>
    internal (int Slot, int Common) Nearest(ReadOnlySpan<int> window)
    {
        var (best, common) = (-1, 0);
        for (var slot = 0; slot < tokens.Length; slot++)
        {
            var shared = Common(tokens[slot].AsSpan(0, counts[slot]), window);
            // Of equals a free one, which may be gone on with where it is.
            if (shared > common || (shared == common && shared > 0 && isTaken[best] && !isTaken[slot]))
                (best, common) = (slot, shared);
        }

        return (best, common);
    }

    /// <summary>The tokens that two texts begin with alike, at most all but the last of the second.</summary>
    internal static int Common(ReadOnlySpan<int> known, ReadOnlySpan<int> window) => Math.Min(known.CommonPrefixLength(window), window.Length - 1);

    /// <summary>Takes a free slot for a text that shares some tokens with one.</summary>
    /// <param name="nearest">The one, or -1.</param>
    /// <param name="common">How many.</param>
    /// <returns>The slot; the same one where little else in it is lost.</returns>
    internal int Take(int nearest, int common)
    {
        var slot = -1;
        for (var other = 0; other < tokens.Length; other++)
        {
            if (!isTaken[other] && other != nearest && (slot < 0 || lastUse[other] < lastUse[slot]))
                slot = other;
        }

        if (nearest >= 0 && !isTaken[nearest] && (slot < 0 || 2 * common >= counts[nearest]))
            slot = nearest;
        isTaken[slot] = true;
        Keep(slot, 0);
        return slot;
    }

    /// <summary>Says that a slot has the first tokens of a text and no others.</summary>
    internal void Begin(int slot, ReadOnlySpan<int> begun)
    {
        begun.CopyTo(tokens[slot]);
        Keep(slot, begun.Length);
    }

    /// <summary>Says that a token stands at a position of a slot, and nothing behind it.</summary>
    internal void Set(int slot, int position, int token)
    {
        tokens[slot][position] = token;
        counts[slot] = position + 1;
    }

    /// <summary>Says that a slot has so many positions only.</summary>
    internal void Keep(int slot, int positions) => counts[slot] = positions;

    /// <summary>Gives a slot back.</summary>
    internal void Release(int slot)
    {
        isTaken[slot] = false;
        lastUse[slot] = ++uses;
    }
}
