using GptGen.Generation;
using GptGen.Sampling;

namespace GptGen;

/// <summary>
/// The memory of inference and the code that fills it: <see cref="Prefill"/> reads what sequences begin with, <see cref="Decode"/> adds one token to
/// each of some of them, whose keys and values lie in a cache by slots. Nothing is allocated after the constructor. One thread at a time may use a
/// graph.
/// </summary>
/// <remarks>
/// Calls out of order throw <see cref="InvalidOperationException"/>, which names the call that is missing; so does a second thread's.
/// </remarks>
public abstract partial class InferenceGraph : IDecodingSlots, IDisposable
{
    private readonly GraphUse use = new("inference graph");
    private readonly IReadOnlyList<(BufferRole Role, nint Elements)> elements;
    private readonly RepeatedWork decoding;

    /// <summary>Where decoding so many rows leaves their final hidden states.</summary>
    private readonly Dictionary<int, Location> decodedStates = [];

    /// <summary>Positions that each slot has keys and values for.</summary>
    private readonly int[] filled;

    /// <summary>Allocates everything.</summary>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    private protected InferenceGraph(Model model, InferenceSize size, IReadOnlyList<GraphInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        size.Check(model.Description);
        Model = model;
        Slots = size.Slots;
        Capacity = size.Capacity;
        RowCapacity = size.RowCapacity;
        LogitRowCapacity = size.LogitRowCapacity;
        Device.RequireMemory(model.Description, size);
        elements = model.Description.InferenceElements(size);
        Values = Allocate(BufferRole.Activation);
        Workspace = Allocate(BufferRole.Logit);
        Cache = Allocate(BufferRole.Cache);
        Inputs = new(Device, inputs, RowCapacity, Math.Max(RowCapacity, size.Sources), size.SourceRows, distances: size.Capacity);
        decoding = new(DecodeAll, model.Parameters);
        filled = new int[size.Slots];
        copies = new int[CopyWords * size.Slots];
        seenWords = new int[SamplingShape.SeenWords(model.Description.Vocabulary)];
        sampling = Device.AllocateIndices(size.SamplingIntegers(model.Description.Vocabulary));
    }

    /// <summary>The model.</summary>
    public virtual Model Model { get; }

    /// <summary>Where it runs.</summary>
    public Device Device => Model.Device;

    /// <summary>Number of sequences in the cache.</summary>
    public int Slots { get; }

    /// <summary>Positions of each that can be seen.</summary>
    public int Capacity { get; }

    /// <summary>
    /// Whether sequences go on past the capacity, each token in the place of the oldest: then positions have no end, and an earlier one can be
    /// decoded anew only while nothing was forgotten.
    /// </summary>
    public virtual bool IsEndless => false;

    /// <summary>The most rows of one prefill.</summary>
    public int RowCapacity { get; }

    /// <summary>The most rows whose logits fit.</summary>
    public int LogitRowCapacity { get; }

    /// <summary>Activations.</summary>
    protected Arena Values { get; }

    /// <summary>Logits.</summary>
    protected Arena Workspace { get; }

    /// <summary>Keys and values.</summary>
    protected Arena Cache { get; }

    /// <summary>What the host gives.</summary>
    private protected InputBuffer Inputs { get; }

    /// <summary>Rows of the current call.</summary>
    protected int RowCount { get; private protected set; }

    /// <summary>Sequences of the current call.</summary>
    protected int Sequences { get; private protected set; }

    /// <summary>An input of integers, by its place in the list of inputs.</summary>
    protected Integers IntegersOf(int input, int count) => Inputs.Integers(input, count);

    /// <summary>
    /// Reads what sequences begin with, [sequences, length] with <paramref name="lengths"/> tokens each (padding behind them is any valid token), and
    /// leaves the logits of what follows in each: a language model's prompts go to the cache, of a translation model sources are read and the start
    /// token goes to the cache. Sequence s goes to slot <paramref name="slots"/>[s], which then has <see cref="PositionsOf"/> positions.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, or the sequences do not fit.</exception>
    public abstract void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots);

    /// <summary>Positions that a slot has keys and values for: the next token's.</summary>
    /// <exception cref="GptGenException">There is no such slot.</exception>
    public int PositionsOf(int slot)
    {
        CheckSlot(slot);
        return filled[slot];
    }

    /// <summary>
    /// Adds one token to each of some sequences: tokens[s] goes to position positions[s] of slot slots[s]. Leaves each one's logits.
    /// </summary>
    /// <exception cref="GptGenException">A token or position is out of range.</exception>
    /// <exception cref="InvalidOperationException">A slot lacks positions before the token's: neither read by a prefill nor decoded.</exception>
    public void Decode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        using var call = Enter();
        CheckSlots(slots);
        if (positions.Length != tokens.Length || slots.Length != tokens.Length)
            throw new GptGenException($"{tokens.Length} tokens need as many positions and slots, not {positions.Length} and {slots.Length}.");
        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        for (var row = 0; row < positions.Length; row++)
        {
            var position = positions[row];
            if (position < 0 || (position >= Capacity && !IsEndless))
                throw new GptGenException($"Position {position} lies outside the cache's {Capacity} positions.");
            if (position > filled[slots[row]])
            {
                throw new InvalidOperationException(
                    $"Slot {slots[row]} has {filled[slots[row]]} positions, so that position {position} needs a call of {nameof(Prefill)} or "
                    + $"{nameof(Decode)} for those between before it.");
            }
        }

        RequireRemembered(positions, slots);
        BeginDecode(slots);
        DecodeChecked(tokens, positions, slots);
    }

    /// <summary>Copies the logits of row <paramref name="row"/> of the last call, [vocabulary]. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">There was no call.</exception>
    /// <exception cref="ArgumentException">The row is none of the last call's, or there is too little room.</exception>
    public void ReadLogits(int row, Span<float> logits)
    {
        using var call = Enter();
        var vocabulary = CheckRow(row, Model.Description.Vocabulary, logits.Length, nameof(ReadLogits));
        Workspace.Read(LogitStride * row, logits[..vocabulary]);
    }

    /// <summary>
    /// Copies the final hidden state of row <paramref name="row"/> of the last call, [width]: after the final LayerNorm where there is one; there is
    /// one row for each row of logits. States between layers are kept by training graphs only
    /// (<see cref="TrainingGraph.ReadHidden(int, Span{float})"/>), which need no memory for gradients before they are asked for them. Waits for the
    /// device.
    /// </summary>
    /// <inheritdoc cref="ReadLogits" path="/exception"/>
    public void ReadHidden(int row, Span<float> hidden)
    {
        using var call = Enter();
        var width = CheckRow(row, Model.Description.Width, hidden.Length, nameof(ReadHidden));
        FinalStates.Arena.Read(FinalStates.Offset + ((nint)row * width), hidden[..width]);
    }

    /// <summary>Elements from one row of logits to the next.</summary>
    protected virtual nint LogitStride => Workspace.Elements / LogitRowCapacity;

    /// <summary>Where the last call's final hidden states are.</summary>
    protected Location FinalStates { get; set; }

    /// <summary>The generated code of <see cref="Decode"/>.</summary>
    protected abstract void DecodeRows();

    /// <summary>Whether what <see cref="DecodeRows"/> asks of the device follows from the number of rows alone.</summary>
    private protected virtual bool RepeatsDecoding => false;

    /// <summary>Frees the memory as soon as no call uses it.</summary>
    public void Dispose()
    {
        if (!use.TryDispose())
            return;
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        decoding.Dispose();
        sampling.Dispose();
        Values.Dispose();
        Workspace.Dispose();
        Cache.Dispose();
        Inputs.Dispose();
    }

    /// <summary>Begins a call; only one runs at a time.</summary>
    private protected GraphUse.Call Enter() => use.Enter();

    /// <summary>Memory of a role: the part of that index among those of the same role.</summary>
    private protected Arena Allocate(BufferRole role, int index = 0) =>
        Device.Allocate(role, elements.Where(part => part.Role == role).ElementAt(index).Elements);

    /// <summary>Says before a call of <see cref="Decode"/> of which slots its rows are.</summary>
    private protected virtual void BeginDecode(ReadOnlySpan<int> slots)
    {
    }

    /// <summary>Says that a slot has what another one has.</summary>
    private protected virtual void Copied(int from, int to)
    {
    }

    /// <summary>Decodes what was checked, within a call.</summary>
    private protected void DecodeChecked(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        if (!RepeatsDecoding)
        {
            SetRows(tokens, positions, slots);
            DecodeRows();
        }
        else
        {
            using var packing = Inputs.Pack(tokens.Length, slots.Length);
            SetRows(tokens, positions, slots);
            packing.Send();
            Device.Repeat(decoding, RowCount);
            FinalStates = decodedStates[RowCount];
        }

        LogitRows = RowCount;
    }

    private void DecodeAll()
    {
        DecodeRows();
        decodedStates[RowCount] = FinalStates;
    }

    /// <summary>
    /// Sets the tokens of a pass that puts one or more into each of some slots, the first of all slots before the second of any; they then have their
    /// positions.
    /// </summary>
    private protected void SetRows(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        (RowCount, Sequences) = (tokens.Length, slots.Length);
        WriteTokens(tokens);
        Inputs.Write("Positions", positions);
        Inputs.Write("SlotIndices", slots);
        for (var row = 0; row < positions.Length; row++)
        {
            var slot = slots[row % slots.Length];
            filled[slot] = Math.Max(filled[slot], positions[row] + 1);
        }
    }

    /// <summary>Gives the tokens of a pass to the device.</summary>
    private protected virtual void WriteTokens(ReadOnlySpan<int> tokens) => Inputs.Write("Tokens", tokens);

    /// <summary>Refuses positions whose past a ring has given to later ones.</summary>
    private void RequireRemembered(ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        for (var row = 0; row < positions.Length && IsEndless; row++)
        {
            if (filled[slots[row]] > Capacity && positions[row] < filled[slots[row]])
            {
                throw new InvalidOperationException(
                    $"Slot {slots[row]} is at position {filled[slots[row]]} and has forgotten what position {positions[row]} needs: it needs a call "
                    + $"of {nameof(Prefill)} before it.");
            }
        }
    }

    /// <summary>Says what slots have after a prefill, and how many rows of logits it has left.</summary>
    private protected void SetFilled(ReadOnlySpan<int> slots, ReadOnlySpan<int> positions, int logitRows)
    {
        LogitRows = logitRows;
        for (var sequence = 0; sequence < slots.Length; sequence++)
            filled[slots[sequence]] = positions[sequence];
    }

    /// <summary>Says that a slot has so many positions and nothing more.</summary>
    private protected void Forget(int slot, int positions) => filled[slot] = positions;

    private int CheckRow(int row, int width, int room, string call)
    {
        if (LogitRows == 0)
            throw new InvalidOperationException($"{call} needs a call of {nameof(Prefill)} or {nameof(Decode)} before it.");
        if ((uint)row >= (uint)LogitRows)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The last call left {LogitRows} rows.");
        return room >= width ? width : throw new ArgumentException($"A row has {width} numbers, but there is room for {room}.", nameof(room));
    }

    private protected void CheckSlots(ReadOnlySpan<int> slots)
    {
        if (slots.Length < 1 || slots.Length > Slots)
            throw new GptGenException($"{slots.Length} sequences do not fit an inference graph made for {Slots}.");
        foreach (var slot in slots)
            CheckSlot(slot);
    }

    private protected void CheckSlot(int slot)
    {
        if ((uint)slot >= (uint)Slots)
            throw new GptGenException($"Slot {slot} does not exist: the cache has {Slots}.");
    }
}
