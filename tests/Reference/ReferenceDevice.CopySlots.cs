namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void CopySlots(in SlotCache cache, Location from, Location to, Location positions, int copies)
    {
        var sources = Integers(from, copies);
        var targets = Integers(to, copies);
        var counts = Integers(positions, copies);
        for (var copy = 0; copy < copies; copy++)
        {
            for (var block = 0; block < cache.Blocks; block++)
            {
                for (var head = 0; head < cache.Heads; head++)
                {
                    for (var position = 0; position < counts[copy]; position++)
                        Place(cache, block, sources[copy], head, position).CopyTo(Place(cache, block, targets[copy], head, position));
                }
            }
        }
    }

    private static Span<double> Place(in SlotCache cache, nint block, nint slot, nint head, nint position) => Numbers(
        cache.Start.Plus((((block * cache.Slots + slot) * cache.Heads + head) * cache.Capacity + position) * cache.HeadSize), cache.HeadSize);
}
