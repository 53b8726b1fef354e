using GptGen.Generation;

namespace GptGen;

// Copies between slots of the cache.
public abstract partial class InferenceGraph
{
    /// <summary>Integers of a copy on the device, which lie where the draws of sampling do.</summary>
    private const int CopyWords = 3;

    private readonly int[] copies;

    /// <summary>
    /// Gives slot <paramref name="to"/> the first <paramref name="positions"/> keys and values of slot <paramref name="from"/>: several continuations
    /// of one prompt need only one prefill.
    /// </summary>
    /// <exception cref="GptGenException">A slot or the number of positions is out of range.</exception>
    /// <exception cref="InvalidOperationException">The slot has fewer positions.</exception>
    public void CopySlot(int from, int to, int positions) => CopySlots([new(from, to, positions)]);

    /// <summary>Does several copies between slots at once.</summary>
    /// <exception cref="GptGenException">
    /// A slot or number of positions is out of range, or a slot is copied to twice, or both from and to.
    /// </exception>
    /// <exception cref="InvalidOperationException">A slot has fewer positions than are to be copied from it.</exception>
    public void CopySlots(ReadOnlySpan<SlotCopy> slots)
    {
        using var call = Enter();
        if (slots.Length > Slots)
            throw new GptGenException($"{slots.Length} copies cannot go to {Slots} slots.");
        for (var index = 0; index < slots.Length; index++)
        {
            Check(slots[index]);
            for (var other = 0; other < slots.Length; other++)
            {
                if (other != index && (slots[other].To == slots[index].To || slots[other].To == slots[index].From))
                    throw new GptGenException($"Slot {slots[other].To} is copied to twice or both from and to: do it in several calls.");
            }

            (copies[index], copies[slots.Length + index], copies[(2 * slots.Length) + index]) =
                (slots[index].From, slots[index].To, Math.Min(slots[index].Positions, Capacity));
        }

        if (slots.IsEmpty)
            return;
        sampling.Write(0, copies.AsSpan(0, CopyWords * slots.Length));
        Device.CopySlots(WholeCache, Part(0, slots.Length), Part(1, slots.Length), Part(2, slots.Length));
        foreach (var copy in slots)
        {
            filled[copy.To] = copy.Positions;
            Copied(copy.From, copy.To);
        }
    }

    /// <inheritdoc/>
    int IDecodingSlots.Vocabulary => Model.Description.Vocabulary;

    /// <inheritdoc/>
    int IDecodingSlots.Capacity => IsEndless ? int.MaxValue : Capacity;

    /// <summary>Keys and values of each layer.</summary>
    private SlotCache WholeCache
    {
        get
        {
            var (blocks, heads) = (2 * Model.Description.Layers, Model.Description.Heads);
            return new(Cache.At(0), blocks, Slots, heads, Capacity, (int)(Cache.Elements / blocks / Slots / heads / Capacity));
        }
    }

    private Integers Part(int part, int count) => new(sampling.At(part * count), count);

    private void Check(SlotCopy copy)
    {
        CheckSlot(copy.From);
        CheckSlot(copy.To);
        if (copy.Positions < 0 || (copy.Positions > Capacity && !IsEndless))
            throw new GptGenException($"{copy.Positions} positions lie outside the cache's {Capacity}.");
        if (IsEndless && filled[copy.From] > Capacity && copy.Positions < filled[copy.From])
        {
            throw new InvalidOperationException(
                $"Slot {copy.From} is at position {filled[copy.From]} and has forgotten how it was at {copy.Positions}: copy all of it.");
        }

        if (copy.Positions > filled[copy.From])
        {
            throw new InvalidOperationException(
                $"Slot {copy.From} has {filled[copy.From]} positions, so that a copy of {copy.Positions} needs a call of {nameof(Prefill)} before "
                + "it.");
        }
    }
}
