namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Gather(Location x, Location indices, Location y, int count, int width)
    {
        var picked = Integers(indices, count);
        for (var i = 0; i < count; i++)
            Numbers(x.Plus((nint)picked[i] * width), width).CopyTo(Numbers(y.Plus((nint)i * width), width));
    }
}
