namespace GptGen;

/// <summary>
/// The memory of a forward pass over whole sequences and the code that fills it: values are kept no longer than they are read, and there are no
/// gradients. Nothing is allocated after the constructor. One thread at a time may use a graph.
/// </summary>
public abstract class EncodingGraph : IDisposable
{
    private readonly GraphUse use;
    private readonly string filling;
    private readonly SequenceInputs batch;

    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="inputs">The inputs that the generated code uses.</param>
    /// <param name="valueElements">Elements of the activations of some rows and sequences.</param>
    /// <param name="name">What messages call the graph.</param>
    /// <param name="filling">The call that fills it.</param>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    private protected EncodingGraph(
        Model model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, nint> valueElements, string name, string filling)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(valueElements);
        Model = model;
        this.filling = filling;
        use = new(name);
        var rows = SequenceInputs.Rows(model.Description, sequences, length, name);
        Values = Device.Allocate(BufferRole.Activation, valueElements(rows, sequences));
        Inputs = new(Device, inputs, rows, sequences);
        batch = new(Inputs, sequences, rows);
    }

    /// <summary>The model.</summary>
    public virtual Model Model { get; }

    /// <summary>Where it runs.</summary>
    public Device Device => Model.Device;

    /// <summary>Rows of the last call: sequences x length.</summary>
    public int RowCount { get; private set; }

    /// <summary>Rows of both directions, where each row is read in both.</summary>
    public int DirectedRowCount => 2 * RowCount;

    /// <summary>Sequences of the last call.</summary>
    public int Sequences { get; private set; }

    /// <summary>Activations.</summary>
    protected Arena Values { get; }

    /// <summary>What the host gives.</summary>
    private protected InputBuffer Inputs { get; }

    /// <summary>An input of integers, by its place in the list of inputs.</summary>
    protected Integers IntegersOf(int input, int count) => Inputs.Integers(input, count);

    /// <summary>
    /// Copies the final hidden states of the last call, [sequences x length, width]: after the final LayerNorm where there is one. Rows behind a
    /// sequence's length mean nothing. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">There was no call.</exception>
    public void ReadHidden(Span<float> hidden) => Read(FinalStates, hidden, checked(StateRowCount * Model.Description.Width), nameof(ReadHidden));

    /// <summary>Rows of hidden states.</summary>
    private protected virtual int StateRowCount => RowCount;

    /// <summary>Where the final hidden states are.</summary>
    protected abstract Location FinalStates { get; }

    /// <summary>Frees the memory as soon as no call uses it.</summary>
    public void Dispose()
    {
        if (!use.TryDispose())
            return;
        Values.Dispose();
        Inputs.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a call; only one runs at a time.</summary>
    private protected GraphUse.Call Enter() => use.Enter();

    /// <summary>Throws unless sequences of this form fit.</summary>
    private protected void Check(int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths) =>
        batch.Check(sequences, length, Model.Description, tokens, lengths);

    /// <summary>The same whatever stands in their rows.</summary>
    private protected void CheckForm(int sequences, int length, ReadOnlySpan<int> lengths) =>
        batch.CheckForm(sequences, length, Model.Description, lengths);

    /// <summary>Takes sequences that were checked, within a call.</summary>
    private protected void Begin(int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        batch.Set(sequences, length, tokens, lengths);
        (Sequences, RowCount) = (sequences, sequences * length);
    }

    /// <summary>Copies what the last call left.</summary>
    private protected void Read(Location start, Span<float> destination, int count, string call)
    {
        using var entered = Enter();
        if (RowCount == 0)
            throw new InvalidOperationException($"{call} needs a call of {filling} before it.");
        if (destination.Length < count)
            throw new ArgumentException($"There are {count} numbers, but room for {destination.Length}.", nameof(destination));
        start.Arena.Read(start.Offset, destination[..count]);
    }
}
