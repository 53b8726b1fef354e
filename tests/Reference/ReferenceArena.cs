namespace GptGen.Reference;

/// <summary>An arena of f64 numbers, or of 32-bit integers for <see cref="BufferRole.Token"/>.</summary>
public sealed class ReferenceArena : Arena
{
    private readonly double[] numbers = [];
    private readonly int[] integers = [];

    internal ReferenceArena(ReferenceDevice device, BufferRole role, nint elements)
        : base(device, role, elements)
    {
        if (role == BufferRole.Token)
            integers = new int[elements];
        else
            numbers = new double[elements];
    }

    /// <summary>Stores f64 numbers as they are.</summary>
    public void WriteDouble(nint offset, ReadOnlySpan<double> values) => values.CopyTo(Numbers(offset, values.Length));

    /// <summary>Reads f64 numbers as they are.</summary>
    public void ReadDouble(nint offset, Span<double> values) => Numbers(offset, values.Length).CopyTo(values);

    /// <inheritdoc/>
    protected override void WriteNumbers(nint offset, ReadOnlySpan<float> values)
    {
        var destination = Numbers(offset, values.Length);
        for (var i = 0; i < values.Length; i++)
            destination[i] = values[i];
    }

    /// <inheritdoc/>
    protected override void ReadNumbers(nint offset, Span<float> values)
    {
        var source = Numbers(offset, values.Length);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)source[i];
    }

    /// <inheritdoc/>
    protected override void WriteIntegers(nint offset, ReadOnlySpan<int> values) => values.CopyTo(Integers(offset, values.Length));

    /// <inheritdoc/>
    protected override void ReadIntegers(nint offset, Span<int> values) => Integers(offset, values.Length).CopyTo(values);

    /// <inheritdoc/>
    protected override void ClearElements(nint offset, nint count)
    {
        if (Role == BufferRole.Token)
            Integers(offset, count).Clear();
        else
            Numbers(offset, count).Clear();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    internal Span<double> Numbers(nint offset, nint count) => numbers.AsSpan((int)offset, (int)count);

    internal Span<int> Integers(nint offset, nint count) => integers.AsSpan((int)offset, (int)count);
}
