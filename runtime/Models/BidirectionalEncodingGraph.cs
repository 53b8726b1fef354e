namespace GptGen;

/// <summary>The graph of a bidirectional model's states: both directions read the same tokens.</summary>
public abstract class BidirectionalEncodingGraph : EncodingGraph
{
    private readonly DirectedInputs directed;

    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="inputs">The inputs that the generated code uses.</param>
    /// <param name="valueElements">Elements of the activations of some rows, sequences, and rows of both directions.</param>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected BidirectionalEncodingGraph(
        BidirectionalModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, int, nint> valueElements)
        : base(
            model, sequences, length, inputs, (rows, count) => valueElements(rows, count, checked(2 * rows)), "encoding graph", nameof(Encode)) =>
        directed = new(Inputs, model, sequences * length);

    /// <inheritdoc/>
    public override BidirectionalModel Model => (BidirectionalModel)base.Model;

    /// <inheritdoc/>
    private protected override int StateRowCount => DirectedRowCount;

    /// <summary>
    /// Computes the states of sequences: <paramref name="tokens"/> is [sequences, length], padded behind their <paramref name="lengths"/>, one a
    /// sequence, with any valid token. A model that reads characters takes <see cref="ModelDescription.CharactersPerToken"/> of them for each token.
    /// </summary>
    /// <param name="length">Rows of a sequence.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="lengths">The rows of each sequence that count.</param>
    /// <param name="state">What the LSTMs go on from, which then is what they leave; null for texts that begin and are not gone on with.</param>
    /// <exception cref="GptGenException">A token is out of range, the sequences do not fit, or the state is of other texts.</exception>
    public void Encode(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, RecurrentState? state = null)
    {
        using var call = Enter();
        directed.CheckState(state, lengths.Length);
        CheckForm(lengths.Length, length, lengths);
        TokenCheck.Read(tokens, (long)lengths.Length * length, Model.Description);
        Begin(lengths.Length, length, [], lengths);
        directed.Set(state, length, tokens, tokens, lengths);
        EncodeRows();
        if (state is not null)
            directed.Advance();
    }

    /// <summary>
    /// Copies the states that layer <paramref name="layer"/> reads, or for the number of layers those that the last one leaves:
    /// [sequences x length, 2 x width], of each row those of the forward direction, then those of the backward one; of layer 0 the embedding twice.
    /// Rows behind a sequence's length mean nothing. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">There was no call.</exception>
    public void ReadLayer(int layer, Span<float> states)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layer, Model.Description.Layers);
        var width = Model.Description.Width;
        var both = new float[checked(DirectedRowCount * width)];
        if (states.Length < both.Length)
            throw new ArgumentException($"There are {both.Length} numbers, but room for {states.Length}.", nameof(states));
        Read(StatesOf(layer), both, both.Length, nameof(ReadLayer));
        for (var row = 0; row < DirectedRowCount; row++)
        {
            var (direction, place) = Math.DivRem(row, RowCount);
            both.AsSpan(row * width, width).CopyTo(states.Slice(((2 * place) + direction) * width, width));
        }
    }

    /// <summary>Where the states are that a layer reads, or for the number of layers those that the last one leaves.</summary>
    protected abstract Location StatesOf(int layer);

    /// <summary>The generated code of <see cref="Encode"/>.</summary>
    protected abstract void EncodeRows();

    /// <summary>Rows of each LSTM's cells before the call.</summary>
    protected int CellsRowCount => directed.StateRows;

    /// <summary>Rows of its outputs before the call.</summary>
    protected int OutputsRowCount => directed.StateRows;

    /// <summary>Rows of its cells behind the call.</summary>
    protected int NextCellsRowCount => directed.StateRows;

    /// <summary>Rows of its outputs behind the call.</summary>
    protected int NextOutputsRowCount => directed.StateRows;

    /// <summary>Where an LSTM's cells before the call are, those of a layer's directions one after the other; nowhere without a state.</summary>
    protected Location CellsOf(int place) => directed.CellsOf(place);

    /// <summary>The same of its outputs.</summary>
    protected Location OutputsOf(int place) => directed.OutputsOf(place);

    /// <summary>Where its cells behind the call go.</summary>
    protected Location NextCellsOf(int place) => directed.NextCellsOf(place);

    /// <summary>The same of its outputs.</summary>
    protected Location NextOutputsOf(int place) => directed.NextOutputsOf(place);
}
