using GptGen.Generation;
using GptGen.Sampling;

namespace GptGen;

/// <summary>
/// The memory of inference and the code that fills it: <see cref="Prefill"/> reads prompts into the key/value cache,
/// <see cref="Decode"/> adds one token to each of some sequences. Nothing is allocated after the constructor. One thread at a time may use a graph.
/// </summary>
/// <remarks>
/// Calls out of order throw <see cref="InvalidOperationException"/>, which names the call that is missing; so does a second thread's.
/// </remarks>
public abstract partial class InferenceGraph : IDecodingSlots, IDisposable
{
    private readonly GraphUse use = new("inference graph");
    private readonly InputBuffer inputs;
    private readonly int[] staging;

    /// <summary>Positions that each slot has keys and values for.</summary>
    private readonly int[] filled;

    /// <summary>Allocates everything.</summary>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected InferenceGraph(LanguageModel model, int slots, int capacity, int prefillRows, int logitRows, IReadOnlyList<GraphInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        var size = new InferenceSize(slots, capacity, prefillRows, logitRows);
        size.Check(model.Description);
        Model = model;
        Slots = slots;
        Capacity = capacity;
        RowCapacity = size.RowCapacity;
        LogitRowCapacity = size.LogitRowCapacity;
        Device.RequireMemory(model.Description, size);
        var elements = model.Description.InferenceElements(size);
        Values = Allocate(BufferRole.Activation);
        Workspace = Allocate(BufferRole.Workspace);
        Cache = Allocate(BufferRole.Cache);
        this.inputs = new(Device, inputs, RowCapacity, slots);
        staging = new int[RowCapacity];
        filled = new int[slots];
        copies = new int[CopyWords * slots];
        seenWords = new int[SamplingShape.SeenWords(model.Description.Vocabulary)];
        sampling = Device.AllocateIndices(size.SamplingIntegers(model.Description.Vocabulary));

        Arena Allocate(BufferRole role) => Device.Allocate(role, elements.Single(part => part.Role == role).Elements);
    }

    /// <summary>The model.</summary>
    public LanguageModel Model { get; }

    /// <summary>Where it runs.</summary>
    public Device Device => Model.Device;

    /// <summary>Number of sequences in the cache.</summary>
    public int Slots { get; }

    /// <summary>Positions of each.</summary>
    public int Capacity { get; }

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

    /// <summary>Rows of the current call.</summary>
    protected int RowCount { get; private set; }

    /// <summary>Sequences of the current call.</summary>
    protected int Sequences { get; private set; }

    /// <summary>An input of integers, by its place in the list of inputs.</summary>
    protected Integers IntegersOf(int input, int count) => inputs.Integers(input, count);

    /// <summary>
    /// Reads prompts into the cache, [sequences, length] with <paramref name="lengths"/> tokens each (padding behind them is any valid token);
    /// sequence s goes to slot <paramref name="slots"/>[s]. Leaves the logits of each sequence's last token.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, or the prompts do not fit.</exception>
    public void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        using var call = use.Enter();
        BeginPrefill(length, tokens, lengths, slots);
        PrefillLast();
        EndPrefill(Sequences, lengths, slots);
    }

    /// <summary>As <c>Prefill</c>, but leaves the logits of every row.</summary>
    /// <exception cref="GptGenException">A token is out of range, or the prompts or their logits do not fit.</exception>
    public void PrefillAllLogits(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        using var call = use.Enter();
        if (tokens.Length > LogitRowCapacity)
            throw new GptGenException($"Logits of {tokens.Length} rows do not fit an inference graph made for {LogitRowCapacity}.");
        BeginPrefill(length, tokens, lengths, slots);
        PrefillAll();
        EndPrefill(RowCount, lengths, slots);
    }

    /// <summary>
    /// Adds one token to each of some sequences: tokens[s] goes to position positions[s] of slot slots[s]. Leaves each one's logits.
    /// </summary>
    /// <exception cref="GptGenException">A token or position is out of range.</exception>
    /// <exception cref="InvalidOperationException">A slot lacks positions before the token's: neither read by a prefill nor decoded.</exception>
    public void Decode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        using var call = use.Enter();
        CheckSlots(slots);
        if (positions.Length != tokens.Length || slots.Length != tokens.Length)
            throw new GptGenException($"{tokens.Length} tokens need as many positions and slots, not {positions.Length} and {slots.Length}.");
        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        for (var row = 0; row < positions.Length; row++)
        {
            var position = positions[row];
            if ((uint)position >= (uint)Capacity)
                throw new GptGenException($"Position {position} lies outside the cache's {Capacity} positions.");
            if (position > filled[slots[row]])
            {
                throw new InvalidOperationException(
                    $"Slot {slots[row]} has {filled[slots[row]]} positions, so that position {position} needs a call of {nameof(Prefill)} or "
                    + $"{nameof(Decode)} for those between before it.");
            }
        }

        RowCount = Sequences = tokens.Length;
        inputs.Write("Tokens", tokens);
        inputs.Write("Positions", positions);
        inputs.Write("SlotIndices", slots);
        DecodeRows();
        for (var row = 0; row < positions.Length; row++)
            filled[slots[row]] = Math.Max(filled[slots[row]], positions[row] + 1);
        LogitRows = RowCount;
    }

    /// <summary>Copies the logits of row <paramref name="row"/> of the last call, [vocabulary]. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">There was no call.</exception>
    /// <exception cref="ArgumentException">The row is none of the last call's, or there is too little room.</exception>
    public void ReadLogits(int row, Span<float> logits)
    {
        using var call = use.Enter();
        var vocabulary = CheckRow(row, Model.Description.Vocabulary, logits.Length, nameof(ReadLogits));
        Workspace.Read(Workspace.Elements / LogitRowCapacity * row, logits[..vocabulary]);
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
        using var call = use.Enter();
        var width = CheckRow(row, Model.Description.Width, hidden.Length, nameof(ReadHidden));
        FinalStates.Arena.Read(FinalStates.Offset + ((nint)row * width), hidden[..width]);
    }

    /// <summary>Where the last call's final hidden states are.</summary>
    protected Location FinalStates { get; set; }

    /// <summary>The generated code of <see cref="Prefill"/>.</summary>
    protected abstract void PrefillLast();

    /// <summary>The generated code of <see cref="PrefillAllLogits"/>.</summary>
    protected abstract void PrefillAll();

    /// <summary>The generated code of <see cref="Decode"/>.</summary>
    protected abstract void DecodeRows();

    /// <summary>Frees the memory as soon as no call uses it.</summary>
    public void Dispose()
    {
        if (!use.TryDispose())
            return;
        sampling.Dispose();
        Values.Dispose();
        Workspace.Dispose();
        Cache.Dispose();
        inputs.Dispose();
        GC.SuppressFinalize(this);
    }

    private void BeginPrefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        CheckSlots(slots);
        var sequences = slots.Length;
        if (length < 1 || length > Capacity || tokens.Length != (long)sequences * length || lengths.Length != sequences
            || tokens.Length > RowCapacity)
        {
            throw new GptGenException(
                $"Prompts of {sequences} x {length} tokens do not fit an inference graph made for {RowCapacity} rows and {Capacity} positions.");
        }

        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        foreach (var count in lengths)
        {
            if (count < 1 || count > length)
                throw new GptGenException($"A prompt's length is {count}, but must lie between 1 and {length}.");
        }

        RowCount = tokens.Length;
        Sequences = sequences;
        inputs.Write("Tokens", tokens);
        for (var row = 0; row < RowCount; row++)
            staging[row] = row % length;
        inputs.Write("Positions", staging.AsSpan(0, RowCount));
        inputs.Write("Lengths", lengths);
        inputs.Write("SlotIndices", slots);
        for (var sequence = 0; sequence < sequences; sequence++)
            staging[sequence] = (sequence * length) + lengths[sequence] - 1;
        inputs.Write("LastRows", staging.AsSpan(0, sequences));
    }

    private void EndPrefill(int logitRows, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        LogitRows = logitRows;
        for (var sequence = 0; sequence < slots.Length; sequence++)
            filled[slots[sequence]] = lengths[sequence];
    }

    private int CheckRow(int row, int width, int room, string call)
    {
        if (LogitRows == 0)
            throw new InvalidOperationException($"{call} needs a call of {nameof(Prefill)} or {nameof(Decode)} before it.");
        if ((uint)row >= (uint)LogitRows)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The last call left {LogitRows} rows.");
        return room >= width ? width : throw new ArgumentException($"A row has {width} numbers, but there is room for {room}.", nameof(room));
    }

    private void CheckSlots(ReadOnlySpan<int> slots)
    {
        if (slots.Length < 1 || slots.Length > Slots)
            throw new GptGenException($"{slots.Length} sequences do not fit an inference graph made for {Slots}.");
        foreach (var slot in slots)
            CheckSlot(slot);
    }

    private void CheckSlot(int slot)
    {
        if ((uint)slot >= (uint)Slots)
            throw new GptGenException($"Slot {slot} does not exist: the cache has {Slots}.");
    }
}
