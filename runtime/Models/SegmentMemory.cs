namespace GptGen;

/// <summary>
/// What a <see cref="SegmentModel"/> keeps of the texts that it has read so far: for each layer the last rows that it read, [sequences, length,
/// width]. It grows from nothing to its <see cref="Capacity"/> and has no gradient. A pass writes the next memory beside
/// the present one, which <see cref="SegmentTrainingGraph.AdvanceMemory"/> puts in its place. One thread at a time may use it.
/// </summary>
public sealed class SegmentMemory : IDisposable, ICarriedState
{
    private readonly nint perLayer;
    private Arena present;
    private Arena next;

    internal SegmentMemory(SegmentModel model, int sequences, int capacity)
    {
        if (sequences < 1)
            throw new GptGenException($"A memory of {sequences} texts is impossible: there must be at least 1.");
        Capacity = capacity;
        Model = model;
        Sequences = sequences;
        perLayer = checked((nint)sequences * Capacity * model.Description.Width);
        var elements = checked(perLayer * model.Description.Layers);
        present = model.Device.Allocate(BufferRole.Activation, elements);
        next = model.Device.Allocate(BufferRole.Activation, elements);
    }

    /// <summary>The model whose memory it is.</summary>
    public SegmentModel Model { get; }

    /// <summary>Texts.</summary>
    public int Sequences { get; }

    /// <summary>The most rows of each text.</summary>
    public int Capacity { get; }

    /// <summary>Rows of each text that there are.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets everything; new texts begin.</summary>
    /// <param name="zeroRows">
    /// Rows of zeros that the first segment sees, as Hugging Face's models begin with a whole memory of them; the original's begin with none.
    /// </param>
    public void Reset(int zeroRows = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(zeroRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(zeroRows, Capacity);
        Length = zeroRows;
        Version++;
        if (zeroRows == 0)
            return;
        var zeros = new float[checked(Sequences * zeroRows * Model.Description.Width)];
        for (var layer = 0; layer < Model.Description.Layers; layer++)
            present.Write(layer * perLayer, zeros);
    }

    /// <summary>Copies a layer's rows, [sequences, <see cref="Length"/>, width]. Waits for the device.</summary>
    public void Read(int layer, Span<float> rows) => present.Read(Start(layer), rows[..Elements(Length, rows.Length)]);

    /// <summary>Sets a layer's rows, [sequences, <paramref name="length"/>, width]; every layer must be set to the same length.</summary>
    public void Write(int layer, int length, ReadOnlySpan<float> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Capacity);
        present.Write(Start(layer), rows[..Elements(length, rows.Length)]);
        Length = length;
        Version++;
    }

    /// <inheritdoc/>
    IReadOnlyList<long> ICarriedState.PartShape => [Sequences, Length, Model.Description.Width];

    /// <inheritdoc/>
    int? ICarriedState.WidthOf(IReadOnlyList<long> shape, int sequences) =>
        shape is [var texts, >= 1 and var length, var width] && texts == sequences && length <= Capacity && width == Model.Description.Width
            ? checked((int)(length * width))
            : null;

    /// <inheritdoc/>
    IReadOnlyList<int> ICarriedState.ArraysOf(int width) => [width];

    /// <inheritdoc/>
    void ICarriedState.Read(int layer, long first, Span<float> values) => present.Read(Start(layer) + (nint)first, values);

    /// <inheritdoc/>
    void ICarriedState.Write(int layer, ReadOnlySpan<float> values) =>
        Write(layer, values.Length / (Sequences * Model.Description.Width), values);

    /// <inheritdoc/>
    void ICarriedState.Reset() => Reset();

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        present.Dispose();
        next.Dispose();
    }

    /// <summary>The rows that a memory keeps: so many, or as many as the model can.</summary>
    /// <exception cref="GptGenException">The model cannot keep so many.</exception>
    internal static int CapacityOf(SegmentModel model, int? rows) =>
        rows is null ? model.Description.MemoryLength
        : rows >= 0 && rows <= model.Description.MemoryLength ? rows.Value
        : throw new GptGenException(
            $"A memory of {rows} rows is impossible: {model.Description.Name} keeps between 0 and {model.Description.MemoryLength}.");

    /// <summary>Tells states of the memory apart.</summary>
    internal int Version { get; private set; }

    /// <summary>Rows of each text that there are after a segment.</summary>
    internal int LengthAfter(int segment) => Math.Min(Capacity, Length + segment);

    internal Location PresentOf(int layer) => present.At(Start(layer));

    internal Location NextOf(int layer) => next.At(Start(layer));

    /// <summary>Takes what a pass over a segment has written as the present.</summary>
    internal void Advance(int segment)
    {
        Length = LengthAfter(segment);
        (present, next) = (next, present);
        Version++;
    }

    private nint Start(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Model.Description.Layers);
        return layer * perLayer;
    }

    private int Elements(int length, int room)
    {
        var count = checked(Sequences * length * Model.Description.Width);
        return room >= count ? count : throw new ArgumentException($"{length} rows of {Sequences} texts are {count} numbers, not {room}.");
    }
}
