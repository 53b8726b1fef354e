namespace GptGen;

/// <summary>The training graph of a language model: its batches are tokens and the tokens that follow them.</summary>
public abstract class LanguageTrainingGraph : TrainingGraph
{
    private readonly TargetInputs targets;

    /// <inheritdoc/>
    protected LanguageTrainingGraph(LanguageModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs) =>
        targets = new(Inputs, Capacity);

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
        TargetInputs.Check(sequences, length, targets, weights, Model.Description.Vocabulary);
        BeginBatch(sequences, length, tokens, lengths);
        this.targets.Set(length, Batch.Counts(sequences), targets, weights);
    }

    /// <inheritdoc/>
    private protected override double SumLosses() => targets.Sum(RowCount);

    /// <inheritdoc/>
    private protected override void CopyLosses(Span<float> destination) => targets.Read(destination);
}
