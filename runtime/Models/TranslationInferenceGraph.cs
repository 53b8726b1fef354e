namespace GptGen;

/// <summary>
/// The inference graph of a translation model: a source is read once, into keys and values for each of the decoder's layers, which any number of
/// slots look at while they write translations of it.
/// </summary>
/// <remarks>
/// The slots are divided among the sources in their order: of 12 slots for 3 sources, the source of slot 4, 5, 6 or 7 has the second place. Reading
/// another one into that place ends what other slots write for it. A copy of a slot goes on with the same source, wherever it is.
/// </remarks>
public abstract class TranslationInferenceGraph : InferenceGraph
{
    private readonly SequenceInputs sources;
    private readonly int[] counts;
    private readonly int[] placeOf;
    private readonly int[] places;
    private readonly int[] ends;
    private readonly int[] starts;
    private readonly int[] readings;
    private readonly int[] readingOf;

    /// <summary>Allocates everything.</summary>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected TranslationInferenceGraph(
        TranslationModel model, int slots, int capacity, int sources, int sourceLength, IReadOnlyList<GraphInput> inputs)
        : base(model, new(slots, capacity, 0, 0) { Sources = sources, SourceLength = sourceLength }, inputs)
    {
        (Sources, SourceCapacity) = (sources, sourceLength);
        SourceCache = Allocate(BufferRole.Cache, 1);
        this.sources = new(Inputs, sources, sources * sourceLength, "Source");
        (counts, readings) = (new int[sources], new int[sources]);
        (placeOf, readingOf, places, ends, starts) = (new int[slots], new int[slots], new int[slots], new int[slots], new int[2 * slots]);
        placeOf.AsSpan().Fill(-1);
        starts.AsSpan(0, slots).Fill(model.Description.StartToken!.Value);
    }

    /// <inheritdoc/>
    public override TranslationModel Model => (TranslationModel)base.Model;

    /// <summary>Number of sources that can be looked at.</summary>
    public int Sources { get; }

    /// <summary>The most tokens of each.</summary>
    public int SourceCapacity { get; }

    /// <summary>Keys and values of the sources.</summary>
    protected Arena SourceCache { get; }

    /// <summary>Rows of the sources of the current call.</summary>
    protected int SourceRowCount { get; private set; }

    /// <summary>
    /// Reads sources, [sequences, length] with <paramref name="lengths"/> tokens each (padding behind them is any valid token), and begins a
    /// translation of source s in slot <paramref name="slots"/>[s] with the start token. Leaves the logits of what follows it.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, the sources do not fit, or two of them have the same place.</exception>
    public override void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        using var call = Enter();
        Check(length, tokens, lengths, slots);
        var sequences = slots.Length;
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            var place = places[sequence];
            counts[place] = lengths[sequence];
            readings[place]++;
        }

        (RowCount, Sequences, SourceRowCount) = (sequences, sequences, tokens.Length);
        sources.Set(sequences, length, tokens, lengths);
        Inputs.Write("SourceSlots", places.AsSpan(0, sequences));
        ReadSources();
        for (var sequence = 0; sequence < sequences; sequence++)
            (placeOf[slots[sequence]], readingOf[slots[sequence]]) = (places[sequence], readings[places[sequence]]);
        SetFilled(slots, starts.AsSpan(Slots, sequences), sequences);
        BeginDecode(slots);
        DecodeChecked(starts.AsSpan(0, sequences), starts.AsSpan(Slots, sequences), slots);
    }

    /// <summary>The generated code that reads the sources of <see cref="Prefill"/>.</summary>
    protected abstract void ReadSources();

    /// <inheritdoc/>
    private protected override void BeginDecode(ReadOnlySpan<int> slots)
    {
        for (var row = 0; row < slots.Length; row++)
        {
            var place = placeOf[slots[row]];
            if (place < 0 || readingOf[slots[row]] != readings[place])
            {
                throw new InvalidOperationException(
                    $"Slot {slots[row]} has no source{(place < 0 ? "" : " any more")}: it needs a call of {nameof(Prefill)} before it.");
            }

            (places[row], ends[row]) = (place, counts[place] - 1);
        }

        Inputs.Write("SourceSlots", places.AsSpan(0, slots.Length));
        Inputs.Write("SourceEnds", ends.AsSpan(0, slots.Length));
    }

    /// <inheritdoc/>
    private protected override void Copied(int from, int to) => (placeOf[to], readingOf[to]) = (placeOf[from], readingOf[from]);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            SourceCache.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Refuses sources that do not fit, and finds the places of the others.</summary>
    private void Check(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        CheckSlots(slots);
        var sequences = slots.Length;
        if (length < 1 || length > SourceCapacity || sequences > Sources || tokens.Length != (long)sequences * length || lengths.Length != sequences)
        {
            throw new GptGenException(
                $"Sources of {sequences} x {length} tokens do not fit an inference graph made for {Sources} x {SourceCapacity}.");
        }

        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            if (lengths[sequence] < 1 || lengths[sequence] > length)
                throw new GptGenException($"A source's length is {lengths[sequence]}, but must lie between 1 and {length}.");
            places[sequence] = slots[sequence] / (Slots / Sources);
            if (places.AsSpan(0, sequence).Contains(places[sequence]))
            {
                throw new GptGenException(
                    $"Slot {slots[sequence]} has the same place for a source as another one: there is one for each {Slots / Sources} slots.");
            }
        }
    }
}
