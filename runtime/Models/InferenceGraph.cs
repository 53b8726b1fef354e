using GptGen.Sampling;

namespace GptGen;

/// <summary>
/// The memory of inference and the code that fills it: <see cref="Prefill"/> reads prompts into the key/value cache,
/// <see cref="Decode"/> adds one token to each of some sequences. Nothing is allocated after the constructor.
/// </summary>
public abstract partial class InferenceGraph : IDisposable
{
    private readonly Arena integers;
    private readonly int[] staging;

    /// <summary>Allocates everything.</summary>
    protected InferenceGraph(LanguageModel model, int slots, int capacity, int prefillRows, int logitRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, model.Description.Context);
        Model = model;
        Slots = slots;
        Capacity = capacity;
        var size = new InferenceSize(slots, capacity, prefillRows, logitRows);
        RowCapacity = size.RowCapacity;
        LogitRowCapacity = size.LogitRowCapacity;
        Device.RequireMemory(model.Description, size);
        var elements = model.Description.InferenceElements(size);
        Values = Allocate(BufferRole.Activation);
        Workspace = Allocate(BufferRole.Workspace);
        Cache = Allocate(BufferRole.Cache);
        integers = Device.Allocate(BufferRole.Token, size.CallIntegers);
        staging = new int[RowCapacity];
        seenWords = new int[SamplingShape.SeenWords(model.Description.Vocabulary)];
        sampling = Device.Allocate(BufferRole.Token, size.SamplingIntegers(model.Description.Vocabulary));

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

    /// <summary>Token ids, one a row.</summary>
    protected Integers Tokens => new(integers.At(0), RowCount);

    /// <summary>Positions, one a row.</summary>
    protected Integers Positions => new(integers.At(RowCapacity), RowCount);

    /// <summary>Rows that count, one number a sequence.</summary>
    protected Integers Lengths => new(integers.At(2 * (nint)RowCapacity), Sequences);

    /// <summary>Cache slots, one a sequence.</summary>
    protected Integers SlotIndices => new(integers.At((2 * (nint)RowCapacity) + Slots), Sequences);

    /// <summary>Each sequence's last row.</summary>
    protected Integers LastRows => new(integers.At((2 * (nint)RowCapacity) + (2 * (nint)Slots)), Sequences);

    /// <summary>
    /// Reads prompts into the cache, [sequences, length] with <paramref name="lengths"/> tokens each (padding behind them is any valid token);
    /// sequence s goes to slot <paramref name="slots"/>[s]. Leaves the logits of each sequence's last token.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, or the prompts do not fit.</exception>
    public void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        BeginPrefill(length, tokens, lengths, slots);
        PrefillLast();
        LogitRows = Sequences;
    }

    /// <summary>As <c>Prefill</c>, but leaves the logits of every row.</summary>
    /// <exception cref="GptGenException">A token is out of range, or the prompts or their logits do not fit.</exception>
    public void PrefillAllLogits(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        if (tokens.Length > LogitRowCapacity)
            throw new GptGenException($"Logits of {tokens.Length} rows do not fit an inference graph made for {LogitRowCapacity}.");
        BeginPrefill(length, tokens, lengths, slots);
        PrefillAll();
        LogitRows = RowCount;
    }

    /// <summary>
    /// Adds one token to each of some sequences: tokens[s] goes to position positions[s] of slot slots[s]. Leaves each one's logits.
    /// </summary>
    /// <exception cref="GptGenException">A token or position is out of range.</exception>
    public void Decode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        CheckSlots(slots);
        if (positions.Length != tokens.Length || slots.Length != tokens.Length)
            throw new GptGenException($"{tokens.Length} tokens need as many positions and slots, not {positions.Length} and {slots.Length}.");
        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        foreach (var position in positions)
        {
            if ((uint)position >= (uint)Capacity)
                throw new GptGenException($"Position {position} lies outside the cache's {Capacity} positions.");
        }

        RowCount = Sequences = tokens.Length;
        integers.Write(0, tokens);
        integers.Write(RowCapacity, positions);
        integers.Write((2 * (nint)RowCapacity) + Slots, slots);
        DecodeRows();
        LogitRows = RowCount;
    }

    /// <summary>
    /// Gives slot <paramref name="to"/> the first <paramref name="positions"/> keys and values of slot <paramref name="from"/>: several continuations of
    /// one prompt need only one prefill.
    /// </summary>
    /// <exception cref="GptGenException">A slot or the number of positions is out of range.</exception>
    public void CopySlot(int from, int to, int positions)
    {
        CheckSlot(from);
        CheckSlot(to);
        if (positions < 0 || positions > Capacity)
            throw new GptGenException($"{positions} positions lie outside the cache's {Capacity}.");
        // The cache is [layer, key or value, slot, head, position, head size].
        var heads = Model.Description.Heads;
        var blocks = 2 * Model.Description.Layers;
        var head = Cache.Elements / blocks / Slots / heads;
        for (nint block = 0; block < blocks; block++)
        {
            for (nint index = 0; index < heads; index++)
            {
                Location Start(int slot) => Cache.At((((block * Slots) + slot) * heads + index) * head);
                Device.CopyElements(Start(from), Start(to), positions * (head / Capacity));
            }
        }
    }

    /// <summary>Copies the logits of row <paramref name="row"/> of the last call, [vocabulary]. Waits for the device.</summary>
    public abstract void ReadLogits(int row, Span<float> logits);

    /// <summary>Copies the final hidden states of the last call, [rows or sequences, width]: after the final LayerNorm. Waits for the device.</summary>
    public abstract void ReadHidden(int row, Span<float> hidden);

    /// <summary>The generated code of <see cref="Prefill"/>.</summary>
    protected abstract void PrefillLast();

    /// <summary>The generated code of <see cref="PrefillAllLogits"/>.</summary>
    protected abstract void PrefillAll();

    /// <summary>The generated code of <see cref="Decode"/>.</summary>
    protected abstract void DecodeRows();

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        sampling.Dispose();
        Values.Dispose();
        Workspace.Dispose();
        Cache.Dispose();
        integers.Dispose();
        GC.SuppressFinalize(this);
    }

    private void BeginPrefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        CheckSlots(slots);
        var sequences = slots.Length;
        if (length < 1 || length > Capacity || tokens.Length != sequences * length || lengths.Length != sequences || tokens.Length > RowCapacity)
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
        integers.Write(0, tokens);
        for (var row = 0; row < RowCount; row++)
            staging[row] = row % length;
        integers.Write(RowCapacity, staging.AsSpan(0, RowCount));
        integers.Write(2 * (nint)RowCapacity, lengths);
        integers.Write((2 * (nint)RowCapacity) + Slots, slots);
        for (var sequence = 0; sequence < sequences; sequence++)
            staging[sequence] = (sequence * length) + lengths[sequence] - 1;
        integers.Write((2 * (nint)RowCapacity) + (2 * (nint)Slots), staging.AsSpan(0, sequences));
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
