namespace GptGen;

/// <summary>The training graph of a language model: its batches are tokens and the tokens that follow them.</summary>
public abstract class LanguageTrainingGraph : TrainingGraph
{
    private readonly LossReader losses;
    private readonly int[] counted;

    /// <inheritdoc/>
    protected LanguageTrainingGraph(LanguageModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs)
    {
        losses = new(Inputs, "Weights", "Losses", Capacity);
        counted = new int[Capacity];
    }

    /// <inheritdoc/>
    public override LanguageModel Model => (LanguageModel)base.Model;

    /// <summary>
    /// Sets the batch. <paramref name="tokens"/> and <paramref name="targets"/> are [sequences, length]; a target of
    /// <see cref="Device.IgnoredTarget"/> has no loss. <paramref name="weights"/>, [sequences, length] or empty, weighs each loss; empty means
    /// the mean over the targets that count. <paramref name="lengths"/>, one a sequence or empty, says how many rows of each count: those behind have
    /// no loss, whatever their targets.
    /// </summary>
    /// <exception cref="GptGenException">A token or target is out of range, or the batch does not fit.</exception>
    public void SetBatch(
        int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets,
        ReadOnlySpan<float> weights = default, ReadOnlySpan<int> lengths = default)
    {
        using var call = Enter();
        StoreBatch(sequences, length, tokens, targets, weights, lengths);
    }

    /// <inheritdoc/>
    private protected override int LogitRowCount => RowCount;

    /// <summary>Takes a batch within a call.</summary>
    private protected virtual void StoreBatch(
        int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, ReadOnlySpan<int> lengths)
    {
        Batch.Check(sequences, length, Model.Description, tokens, lengths);
        var rows = sequences * length;
        SequenceInputs.RequireCount(sequences, length, targets.Length, "targets");
        if (weights.Length != 0)
            SequenceInputs.RequireCount(sequences, length, weights.Length, "weights (or none)");
        TokenCheck.Targets(targets, Model.Description.Vocabulary);
        BeginBatch(sequences, length, tokens, lengths);
        var counts = Batch.Counts(sequences);
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            // Rows behind a sequence's end do not count, whatever their targets.
            var (first, count) = (sequence * length, counts[sequence]);
            targets.Slice(first, count).CopyTo(counted.AsSpan(first));
            counted.AsSpan(first + count, length - count).Fill(Device.IgnoredTarget);
        }

        SetWeights(counted.AsSpan(0, rows), weights);
        Inputs.Write("Targets", counted.AsSpan(0, rows));
    }

    /// <inheritdoc/>
    private protected override double SumLosses() => losses.Sum(RowCount);

    /// <inheritdoc/>
    private protected override void CopyLosses(Span<float> destination) => losses.Read(destination);

    private void SetWeights(ReadOnlySpan<int> targets, ReadOnlySpan<float> given)
    {
        var weights = losses.Weights(targets.Length);
        var ignored = targets.Count(Device.IgnoredTarget);
        for (var row = 0; row < targets.Length; row++)
            weights[row] = targets[row] == Device.IgnoredTarget ? 0 : given.IsEmpty ? 1f / (targets.Length - ignored) : given[row];
        losses.Write(targets.Length);
    }
}
