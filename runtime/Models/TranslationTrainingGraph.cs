namespace GptGen;

/// <summary>The training graph of a translation model: its batches are sources and, for each, the tokens of its translation.</summary>
public abstract class TranslationTrainingGraph : TrainingGraph
{
    private readonly SequenceInputs sources;
    private readonly TargetInputs targets;

    /// <inheritdoc/>
    protected TranslationTrainingGraph(TranslationModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs)
    {
        sources = new(Inputs, sequences, Capacity, "Source");
        targets = new(Inputs, Capacity);
    }

    /// <inheritdoc/>
    public override TranslationModel Model => (TranslationModel)base.Model;

    /// <summary>Rows of each source in the current batch.</summary>
    public int SourceLength { get; private set; }

    /// <summary>Rows of the sources in the current batch.</summary>
    public int SourceRowCount => Sequences * SourceLength;

    /// <inheritdoc/>
    internal override int ComputedRows => RowCount + SourceRowCount;

    /// <summary>
    /// Sets the batch: <paramref name="source"/> is [sequences, source length], <paramref name="tokens"/> and <paramref name="targets"/> are
    /// [sequences, length]; both are padded behind their lengths, one a sequence, with any valid tokens. The tokens are what the decoder sees: the
    /// model's start token, then the translation without its end.
    /// </summary>
    /// <param name="sourceLength">Rows of a source.</param>
    /// <param name="source">The sources' tokens.</param>
    /// <param name="sourceLengths">The rows of each source that count, at least one.</param>
    /// <param name="length">Rows of a translation.</param>
    /// <param name="tokens">The tokens that the decoder sees.</param>
    /// <param name="targets">
    /// What follows each of them: the translation and its end; <see cref="Device.IgnoredTarget"/> where that has no loss.
    /// </param>
    /// <param name="lengths">The rows of each translation that count, at least one.</param>
    /// <param name="weights">The weight of each loss, [sequences, length]; none mean the mean over the targets that count.</param>
    /// <exception cref="GptGenException">A token or target is out of range, or the batch does not fit.</exception>
    public void SetBatch(
        int sourceLength, ReadOnlySpan<int> source, ReadOnlySpan<int> sourceLengths, int length, ReadOnlySpan<int> tokens,
        ReadOnlySpan<int> targets, ReadOnlySpan<int> lengths, ReadOnlySpan<float> weights = default)
    {
        using var call = Enter();
        var sequences = lengths.Length;
        if (sourceLengths.Length != sequences)
            throw new GptGenException($"{sourceLengths.Length} sources and {sequences} translations are no pairs.");
        sources.Check(sequences, sourceLength, Model.Description, source, sourceLengths);
        Batch.Check(sequences, length, Model.Description, tokens, lengths);
        RequireTokens(sourceLengths, "source");
        RequireTokens(lengths, "translation");
        TargetInputs.Check(sequences, length, targets, weights, Model.Description.Vocabulary);
        BeginBatch(sequences, length, tokens, lengths);
        SourceLength = sourceLength;
        sources.Set(sequences, sourceLength, source, sourceLengths);
        this.targets.Set(length, lengths, targets, weights);
    }

    /// <summary>
    /// Copies the encoder's hidden states, [sources' rows, width]: those that its layer <paramref name="layer"/> reads; 0 are the embeddings, and
    /// the number of its layers are the final ones, which the decoder looks at. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void ReadSourceHidden(int layer, Span<float> hidden)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layer, Model.Description.EncoderLayers);
        using var call = Enter();
        RequireActivations(nameof(ReadSourceHidden));
        var start = SourceStatesOf(layer);
        start.Arena.Read(start.Offset, Room(hidden, checked(SourceRowCount * Model.Description.Width), nameof(hidden)));
    }

    /// <summary>Where the hidden states are that the encoder's layer <paramref name="layer"/> reads.</summary>
    protected abstract Location SourceStatesOf(int layer);

    /// <inheritdoc/>
    private protected override int LogitRowCount => RowCount;

    /// <inheritdoc/>
    private protected override double SumLosses() => targets.Sum(RowCount);

    /// <inheritdoc/>
    private protected override void CopyLosses(Span<float> destination) => targets.Read(destination);

    private static void RequireTokens(ReadOnlySpan<int> lengths, string what)
    {
        var empty = lengths.IndexOf(0);
        if (empty >= 0)
            throw new GptGenException($"Pair {empty} has an empty {what}: at least the token that ends it must be there.");
    }
}
