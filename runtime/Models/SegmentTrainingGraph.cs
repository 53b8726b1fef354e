namespace GptGen;

/// <summary>
/// The training graph of a segment model: its batches are the next segments of texts, the tokens that follow them, and the texts' memory.
/// </summary>
public abstract class SegmentTrainingGraph : TrainingGraph
{
    private readonly TargetInputs targets;
    private readonly ClusterInputs? clusters;
    private readonly int[] distances;
    private SegmentMemory? memory;
    private int memoryLength;
    private int memoryVersion;

    /// <inheritdoc/>
    protected SegmentTrainingGraph(SegmentModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs)
    {
        clusters = model.Description.Cutoffs.Count == 0 ? null : new(Inputs, model.Description, Capacity);
        targets = new(Inputs, Capacity, clusters);
        distances = new int[length + model.Description.MemoryLength];
    }

    /// <inheritdoc/>
    public override SegmentModel Model => (SegmentModel)base.Model;

    /// <summary>
    /// Whether every row sees only as many rows, itself among them, as the memory holds, as the last of a segment would without one: for evaluation
    /// (same_length). Otherwise a segment's later rows see more of it. Without a memory, or with one of no rows, it changes nothing.
    /// </summary>
    public bool SameLength { get; set; }

    /// <summary>Distances between rows of the current batch that see each other: the rows of the memory and of the segment.</summary>
    public int DistanceCount => Length + memoryLength;

    /// <summary>Rows of all memories with their segments.</summary>
    public int JoinedRowCount => Sequences * DistanceCount;

    /// <summary>
    /// Sets the batch: the next segments of the texts of <paramref name="memory"/>, or first ones where it is null. <paramref name="tokens"/> and
    /// <paramref name="targets"/> are [sequences, length]; a target of <see cref="Device.IgnoredTarget"/> has no loss. <paramref name="weights"/>,
    /// [sequences, length] or empty, weighs each loss; empty means the mean over the targets that count.
    /// </summary>
    /// <exception cref="GptGenException">A token or target is out of range, the batch does not fit, or the memory is of other texts.</exception>
    public void SetBatch(
        SegmentMemory? memory, int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights = default)
    {
        using var call = Enter();
        if (memory is not null && (memory.Model != Model || memory.Sequences != sequences))
        {
            throw new GptGenException(
                $"The memory is of {memory.Sequences} texts of {(memory.Model == Model ? "this" : "another")} model, but the batch has {sequences} "
                + "sequences: create one for them.");
        }

        if (length > distances.Length - Model.Description.MemoryLength)
        {
            throw new GptGenException(
                $"Segments of {length} tokens do not fit a graph made for {distances.Length - Model.Description.MemoryLength}.");
        }

        Batch.Check(sequences, length, Model.Description, tokens, default);
        TargetInputs.Check(sequences, length, targets, weights, Model.Description.Vocabulary);
        BeginBatch(sequences, length, tokens, default);
        clusters?.SetTokens(tokens);
        (this.memory, memoryLength, memoryVersion) = (memory, memory?.Length ?? 0, memory?.Version ?? 0);
        this.targets.Set(length, Batch.Counts(sequences), targets, weights);
        Model.Description.FillDistances(distances.AsSpan(0, DistanceCount));
        Inputs.Write("Distances", distances.AsSpan(0, DistanceCount));
    }

    /// <summary>
    /// After <see cref="TrainingGraph.Forward"/>: the memory goes on to behind this segment, once for each batch. What the pass computed stays there,
    /// but there is no second pass over the batch.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet, or no memory that has not gone on already.</exception>
    public void AdvanceMemory()
    {
        using var call = Enter();
        RequireActivations(nameof(AdvanceMemory));
        (memory is null ? throw new InvalidOperationException("The batch has no memory that could go on.") : Current(memory)).Advance(Length);
    }

    /// <summary>Rows whose token is in a cluster of the vocabulary.</summary>
    protected int ClusterTokenCount(int cluster) => clusters!.TokenCount(cluster);

    /// <summary>Rows whose target is in a cluster of the vocabulary behind the first.</summary>
    protected int ClusterTargetCount(int cluster) => clusters!.TargetCount(cluster);

    /// <summary>How many rows a row sees at most; 0 for all.</summary>
    protected int Window => SameLength && memory is not null ? memory.Capacity : 0;

    /// <summary>Rows of all memories.</summary>
    protected int MemoryRowCount => Sequences * memoryLength;

    /// <summary>Rows of all memories after the batch; none where nobody asked to keep them.</summary>
    protected int NextMemoryRowCount => memory is null ? 0 : Sequences * memory.LengthAfter(Length);

    /// <summary>Where a layer's memory is; anywhere, where there are no rows of it.</summary>
    /// <exception cref="InvalidOperationException">It has changed since the batch was set.</exception>
    protected Location MemoryOf(int layer) => memory is null ? Values.At(0) : Current(memory).PresentOf(layer);

    /// <summary>Where a layer's memory after the batch goes.</summary>
    protected Location NextMemoryOf(int layer) => memory?.NextOf(layer) ?? Values.At(0);

    private SegmentMemory Current(SegmentMemory memory) => memory.Version == memoryVersion
        ? memory
        : throw new InvalidOperationException($"The memory is no longer what it was when the batch was set: set a batch again ({nameof(SetBatch)}).");

    /// <inheritdoc/>
    private protected override int LogitRowCount => RowCount;

    /// <inheritdoc/>
    private protected override double SumLosses() => targets.Sum(RowCount);

    /// <inheritdoc/>
    private protected override void CopyLosses(Span<float> destination) => targets.Read(destination);
}
