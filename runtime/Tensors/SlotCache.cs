namespace GptGen.Tensors;

/// <summary>
/// A cache as a whole: several blocks one after the other, such as the keys and the values of each layer, [block, slot, head, position, head size].
/// </summary>
/// <param name="Start">The first number's place.</param>
/// <param name="Blocks">Number of blocks.</param>
/// <param name="Slots">Sequences that fit.</param>
/// <param name="Heads">Heads of each.</param>
/// <param name="Capacity">Positions of each.</param>
/// <param name="HeadSize">Numbers of a head at one position.</param>
public readonly record struct SlotCache(Location Start, int Blocks, int Slots, int Heads, int Capacity, int HeadSize)
{
    /// <summary>Numbers of all blocks.</summary>
    public nint Elements => HeadElements * Blocks * Slots * Heads;

    /// <summary>Numbers from one head to the next.</summary>
    private nint HeadElements => (nint)Capacity * HeadSize;

    /// <summary>Where a position of a head begins, counted from <see cref="Start"/>.</summary>
    internal nint Offset(nint block, nint slot, nint head, nint position) =>
        ((((block * Slots) + slot) * Heads) + head) * HeadElements + (position * HeadSize);
}
