namespace GptGen;

/// <summary>
/// The inference graph of a segment model: a memory of keys and values in place of a cache that grows. Each slot has a ring of the last
/// <see cref="InferenceGraph.Capacity"/> positions, the newest token's own among them; a text may be of any length, and each of its tokens costs the
/// same. It computes what training graphs do with segments of one token and a memory of one row less; what texts begin with is read in longer
/// segments that give the same.
/// </summary>
public abstract class SegmentInferenceGraph : InferenceGraph
{
    private readonly ClusterInputs? clusters;
    private readonly Arena projected;
    private readonly int[] distances;
    private readonly int[] staging;
    private readonly bool[] begun;

    /// <summary>Allocates everything.</summary>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected SegmentInferenceGraph(SegmentModel model, int slots, int capacity, IReadOnlyList<GraphInput> inputs)
        : base(model, SizeFor((model ?? throw new ArgumentNullException(nameof(model))).Description, slots, capacity), inputs)
    {
        projected = Allocate(BufferRole.Activation, 1);
        clusters = model.Description.Cutoffs.Count == 0 ? null : new(Inputs, model.Description, RowCapacity);
        distances = new int[capacity];
        staging = new int[(2 * RowCapacity) + slots];
        begun = new bool[slots];
        model.Description.FillDistances(distances);
    }

    /// <inheritdoc/>
    public override SegmentModel Model => (SegmentModel)base.Model;

    /// <inheritdoc/>
    public override bool IsEndless => true;

    /// <summary>
    /// Whether texts begin behind a whole memory of zeros, which are attended to, as those of Hugging Face's models do; otherwise behind none. Counts
    /// from the next <see cref="Prefill"/> on.
    /// </summary>
    public bool BeginsWithZeros { get; set; }

    /// <summary>Ends a <see cref="Prefill"/> between two segments; its slots are then without a text.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Distances that can be seen.</summary>
    public int DistanceCount => Capacity;

    /// <summary>Rows of what each layer makes of the distances.</summary>
    protected int ProjectedDistancesRowCount => Capacity;

    /// <summary>
    /// Reads texts, [sequences, length] with <paramref name="lengths"/> tokens each (padding behind them is any valid token), segment by segment into
    /// the rings; sequence s goes to slot <paramref name="slots"/>[s]. Texts may be longer than the ring. Leaves the logits of each one's last
    /// token. What each layer makes of the distances is computed anew, so that weights may have changed before.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, or the texts do not fit.</exception>
    /// <exception cref="OperationCanceledException"><see cref="Cancellation"/> asked to stop.</exception>
    public override void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        using var call = Enter();
        CheckSlots(slots);
        var longest = 0;
        if (length < 1 || tokens.Length != (long)slots.Length * length || lengths.Length != slots.Length)
        {
            throw new GptGenException(
                $"{tokens.Length} tokens and {lengths.Length} lengths are not those of {slots.Length} texts of {length} tokens.");
        }

        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        foreach (var count in lengths)
        {
            longest = Math.Max(longest, count);
            if (count < 1 || count > length)
                throw new GptGenException($"A text's length is {count}, but must lie between 1 and {length}.");
        }

        Inputs.Write("Distances", distances);
        ProjectDistances();
        var first = BeginsWithZeros ? Capacity - 1 : 0;
        foreach (var slot in slots)
            Begin(slot, first);
        // Texts end together, so that the last pass, of a token each, leaves the logits of all of them.
        for (var step = 0; step < longest;)
        {
            Cancellation.ThrowIfCancellationRequested();
            var isLast = step + 1 == longest;
            var (sequences, end) = (0, isLast ? longest : longest - 1);
            foreach (var count in lengths)
            {
                // A segment has as many tokens of each text, so that it ends where another one begins.
                if (longest - count <= step)
                    sequences++;
                else
                    end = Math.Min(end, longest - count);
            }

            end = Math.Min(end, step + Math.Max(1, RowCapacity / sequences));
            ReadSegment(step - longest, end - longest, length, tokens, lengths, slots, first, isLast);
            step = end;
        }

        foreach (var slot in slots)
            begun[slot] = true;
    }

    /// <summary>The generated code that computes what each layer makes of the distances.</summary>
    protected abstract void ProjectDistances();

    /// <summary>The generated code that reads as many tokens into each of some slots, without logits.</summary>
    protected abstract void ReadRows();

    /// <summary>Where what a layer makes of the distances is.</summary>
    protected Location ProjectedDistancesOf(int layer) => projected.At(layer * (nint)Capacity * Model.Description.Width);

    /// <summary>Rows whose token is in a cluster of the vocabulary.</summary>
    protected int ClusterTokenCount(int cluster) => clusters!.TokenCount(cluster);

    /// <inheritdoc/>
    private protected override void WriteTokens(ReadOnlySpan<int> tokens)
    {
        if (clusters is null)
            base.WriteTokens(tokens);
        else
            clusters.SetTokens(tokens);
    }

    /// <inheritdoc/>
    private protected override void BeginDecode(ReadOnlySpan<int> slots)
    {
        foreach (var slot in slots)
        {
            if (!begun[slot])
                throw new InvalidOperationException($"Slot {slot} has no text: it needs a call of {nameof(Prefill)} before it.");
        }
    }

    /// <inheritdoc/>
    private protected override void Copied(int from, int to) => begun[to] = begun[from];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            projected.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The inference graph's size: a prefill takes a segment at once, or a token of each slot.</summary>
    internal static InferenceSize SizeFor(ModelDescription model, int slots, int capacity) =>
        new(slots, capacity, Math.Max(slots, model.Context), slots);

    /// <summary>Reads the tokens between two places, counted back from the texts' ends, of the texts that have them.</summary>
    private void ReadSegment(
        int begin, int end, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots, int firstPosition, bool isLast)
    {
        Span<int> rowTokens = staging.AsSpan(0, RowCapacity), positions = staging.AsSpan(RowCapacity, RowCapacity),
            read = staging.AsSpan(2 * RowCapacity, Slots);
        var (rows, sequences) = (0, 0);
        for (var place = begin; place < end; place++)
        {
            sequences = 0;
            for (var sequence = 0; sequence < slots.Length; sequence++)
            {
                var position = lengths[sequence] + place;
                if (position < 0)
                    continue;
                (rowTokens[rows], positions[rows]) = (tokens[(sequence * length) + position], firstPosition + position);
                read[sequences++] = slots[sequence];
                rows++;
            }
        }

        if (isLast)
        {
            DecodeChecked(rowTokens[..rows], positions[..rows], read[..sequences]);
            return;
        }

        SetRows(rowTokens[..rows], positions[..rows], read[..sequences]);
        ReadRows();
    }

    /// <summary>Makes a slot ready for a new text, which it has when all is read; keys and values of rows of zeros are zero.</summary>
    private void Begin(int slot, int zeroRows)
    {
        begun[slot] = false;
        Forget(slot, zeroRows);
        if (zeroRows == 0)
            return;
        var perSlot = Cache.Elements / (2 * Model.Description.Layers) / Slots;
        for (var block = 0; block < 2 * Model.Description.Layers; block++)
            Cache.Clear((((nint)block * Slots) + slot) * perSlot, perSlot);
    }
}
