namespace GptGen;

/// <summary>
/// What the LSTMs of a <see cref="BidirectionalModel"/> carry from batch to batch: for each layer and direction the cells and the outputs behind the
/// last token that was read, one row a text. It has no gradient. A pass writes the next state beside the present one, which takes its place when the
/// batch is done with. A direction's state goes on in the order in which that direction reads; reset it where a text begins for which what was read
/// before means nothing, since it changes every vector. One thread at a time may use it.
/// </summary>
public sealed class RecurrentState : IDisposable, ICarriedState
{
    private readonly nint perPlace;
    private readonly int cells;
    private Arena present;
    private Arena next;

    internal RecurrentState(BidirectionalModel model, int sequences)
    {
        if (sequences < 1)
            throw new GptGenException($"A state of {sequences} texts is impossible: there must be at least 1.");
        (Model, Sequences, cells) = (model, sequences, model.Description.HiddenWidth);
        perPlace = checked((nint)sequences * (cells + model.Description.Width));
        var elements = checked((nint)sequences * model.Description.StateElements);
        present = model.Device.Allocate(BufferRole.Activation, elements);
        next = model.Device.Allocate(BufferRole.Activation, elements);
        Reset();
    }

    /// <summary>The model whose state it is.</summary>
    public BidirectionalModel Model { get; }

    /// <summary>Texts.</summary>
    public int Sequences { get; }

    /// <summary>Forgets everything; new texts begin.</summary>
    public void Reset()
    {
        present.Clear(0, present.Elements);
        Version++;
    }

    /// <summary>
    /// Copies the cells, [sequences, cells], and the outputs, [sequences, width], of a layer's LSTM of one direction. Waits for the device.
    /// </summary>
    public void Read(int layer, TimeDirection direction, Span<float> cells, Span<float> outputs)
    {
        var place = Place(layer, direction);
        present.Read(CellsOf(place).Offset, Room(cells, this.cells));
        present.Read(OutputsOf(place).Offset, Room(outputs, Model.Description.Width));
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        present.Dispose();
        next.Dispose();
    }

    /// <summary>Tells states apart.</summary>
    internal int Version { get; private set; }

    /// <summary>How many LSTMs there are, the directions of a layer one behind the other.</summary>
    internal static int Places(ModelDescription model) => checked(2 * model.Layers);

    internal Location CellsOf(int place) => present.At(place * perPlace);

    internal Location OutputsOf(int place) => CellsOf(place).Plus((nint)Sequences * cells);

    internal Location NextCellsOf(int place) => next.At(place * perPlace);

    internal Location NextOutputsOf(int place) => NextCellsOf(place).Plus((nint)Sequences * cells);

    /// <inheritdoc/>
    IReadOnlyList<long> ICarriedState.PartShape => [perPlace];

    /// <inheritdoc/>
    int? ICarriedState.WidthOf(IReadOnlyList<long> shape, int sequences) =>
        shape is [var numbers] && numbers == (long)sequences * Width ? Width : null;

    /// <summary>Cells come first.</summary>
    IReadOnlyList<int> ICarriedState.ArraysOf(int width) => [cells, width - cells];

    /// <inheritdoc/>
    void ICarriedState.Read(int place, long first, Span<float> values) => present.Read((place * perPlace) + (nint)first, values);

    /// <inheritdoc/>
    void ICarriedState.Write(int place, ReadOnlySpan<float> values)
    {
        present.Write(place * perPlace, values);
        Version++;
    }

    /// <summary>Takes what a pass has written as the present.</summary>
    internal void Advance()
    {
        (present, next) = (next, present);
        Version++;
    }

    /// <summary>The numbers of a text in an LSTM.</summary>
    private int Width => cells + Model.Description.Width;

    private int Place(int layer, TimeDirection direction)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Model.Description.Layers);
        return (2 * layer) + (direction == TimeDirection.Backward ? 1 : 0);
    }

    private Span<float> Room(Span<float> destination, int width) => destination.Length >= Sequences * width
        ? destination[..(Sequences * width)]
        : throw new ArgumentException($"There are {Sequences * width} numbers, but room for {destination.Length}.");
}
