namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Gives slot to[i] what slot from[i] holds at its first positions[i] positions, in every block; there is no gradient. Copies happen in no order:
    /// no slot may be copied both from and to, or to twice.
    /// </summary>
    public void CopySlots(SlotCache cache, Integers from, Integers to, Integers positions)
    {
        using var call = Begin();
        if (cache.Blocks < 0 || cache.Slots < 0 || cache.Heads < 0 || cache.Capacity < 0 || cache.HeadSize < 0)
            throw new ArgumentException($"A cache has no {cache.Slots} slots of {cache.Capacity} positions.", nameof(cache));
        Numbers(cache.Start, cache.Elements, nameof(cache));
        NeedChoices(from, to.Count, 0, cache.Slots);
        NeedChoices(to, to.Count, 0, cache.Slots);
        NeedChoices(positions, to.Count, 0, cache.Capacity + 1);
        if (to.Count > 0)
            CopySlots(cache, from.Start, to.Start, positions.Start, to.Count);
    }

    /// <summary>The untyped core of <c>CopySlots</c>.</summary>
    protected abstract void CopySlots(in SlotCache cache, Location from, Location to, Location positions, int copies);
}
