namespace GptGen.Reference;

/// <summary>
/// The oracle: every operator as its documented formula reads, in f64, in the plainest loops, on one thread. Central differences are taken
/// on it and other devices are held to it, so clarity counts above all and speed not at all.
/// </summary>
public sealed partial class ReferenceDevice : Device
{
    /// <inheritdoc/>
    public override string Name => "reference";

    /// <inheritdoc/>
    public override Arena Allocate(BufferRole role, nint elements) => new ReferenceArena(this, role, elements);

    /// <inheritdoc/>
    public override int ElementSize(BufferRole role) => role == BufferRole.Token ? sizeof(int) : sizeof(double);

    private static Span<double> Numbers(Location location, nint count) =>
        ((ReferenceArena)location.Arena).Numbers(location.Offset, count);

    /// <summary>Numbers that may be absent: then nothing at all.</summary>
    private static Span<double> NumbersOrNone(Location location, nint count) => location.IsNone ? default : Numbers(location, count);

    private static ReadOnlySpan<int> Integers(Location location, int count) =>
        ((ReferenceArena)location.Arena).Integers(location.Offset, count);

    /// <summary>What dropout multiplies an element with: 0, or 1 / (1 - rate); 1 where nothing is dropped.</summary>
    private static double Keep(DropoutSite dropout, long element)
    {
        if (!dropout.IsActive)
            return 1;
        return dropout.Words.Word((ulong)element) < dropout.Threshold ? 0 : dropout.Scale;
    }

    private static void BeginGradient(Span<double> gradient, GradientWrite write)
    {
        if (write == GradientWrite.Write)
            gradient.Clear();
    }
}
