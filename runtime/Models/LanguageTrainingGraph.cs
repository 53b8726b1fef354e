namespace GptGen;

/// <summary>The training graph of a language model: its batches are tokens and the tokens that follow them.</summary>
public abstract class LanguageTrainingGraph : TrainingGraph
{
    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    protected LanguageTrainingGraph(LanguageModel model, int sequences, int length)
        : base(model, sequences, length)
    {
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
}
