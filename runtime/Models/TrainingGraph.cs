namespace GptGen;

/// <summary>
/// The memory of a training step and the code that fills it: <see cref="Forward"/>, then <see cref="Loss"/> to evaluate or
/// <see cref="Backward"/> to train. After the constructor only the gradients are allocated, when they are first asked for.
/// </summary>
public abstract class TrainingGraph : IDisposable
{
    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    protected TrainingGraph(LanguageModel model, int sequences, int length, GraphMemory memory)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, model.Description.Context);
        Model = model;
        Capacity = checked(sequences * length);
        SequenceCapacity = sequences;
        Sequences = sequences;
        Length = length;
        Values = memory.Values;
        Saved = memory.Statistics;
        Workspace = memory.Workspace;
        inputs = new BatchInputs(model.Device, sequences, Capacity);
    }

    private readonly BatchInputs inputs;
    private Arena? gradients;

    /// <summary>The model.</summary>
    public LanguageModel Model { get; }

    /// <summary>Where it runs.</summary>
    public Device Device => Model.Device;

    /// <summary>The most rows (sequences x length).</summary>
    public int Capacity { get; }

    /// <summary>The most sequences.</summary>
    public int SequenceCapacity { get; }

    /// <summary>Sequences of the current batch.</summary>
    public int Sequences { get; private set; }

    /// <summary>Rows of each sequence in the current batch.</summary>
    public int Length { get; private set; }

    /// <summary>Rows of the current batch.</summary>
    public int RowCount => Sequences * Length;

    /// <summary>The gradients, laid out as the parameters; allocated when they are first asked for, so that evaluation needs no memory for them.</summary>
    public Arena Gradients => gradients ??= Device.Allocate(BufferRole.Gradient, Model.Description.ParameterElements);

    /// <summary>Allocates the gradients now, so that a lack of memory shows before the first step.</summary>
    internal void ReserveGradients() => _ = Gradients;

    /// <summary>The dropout of the next pass; inactive unless set.</summary>
    public Dropout Dropout { get; set; }

    /// <summary>Activations and their gradients.</summary>
    protected Arena Values { get; }

    /// <summary>Statistics kept for the backward pass.</summary>
    protected Arena Saved { get; }

    /// <summary>Logits of one chunk.</summary>
    protected Arena Workspace { get; }

    /// <summary>Token ids, one a row.</summary>
    protected Integers Tokens => inputs.Tokens(RowCount);

    /// <summary>Positions, one a row.</summary>
    protected Integers Positions => inputs.Positions(RowCount);

    /// <summary>Targets, one a row.</summary>
    protected Integers Targets => inputs.Targets(RowCount);

    /// <summary>Rows that count, one number a sequence.</summary>
    protected Integers Lengths => inputs.Lengths(Sequences);

    /// <summary>Weights of the losses, one a row.</summary>
    protected Statistics Weights => inputs.Weights(RowCount);

    /// <summary>Losses, one a row.</summary>
    protected internal Statistics Losses => inputs.Losses(RowCount);

    /// <summary>
    /// Sets the batch. <paramref name="tokens"/> and <paramref name="targets"/> are [sequences, length]; a target of
    /// <see cref="Device.IgnoredTarget"/> has no loss. <paramref name="weights"/>, [sequences, length] or empty, weighs each loss; empty means
    /// the mean over the targets that count. <paramref name="lengths"/>, one a sequence or empty, says how many rows of each count.
    /// </summary>
    /// <exception cref="GptGenException">A token or target is out of range, or the batch does not fit.</exception>
    public virtual void SetBatch(
        int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets,
        ReadOnlySpan<float> weights = default, ReadOnlySpan<int> lengths = default)
    {
        CheckBatch(sequences, length, tokens, lengths);
        inputs.Set(sequences, length, Model.Description.Vocabulary, tokens, targets, weights, lengths);
        Sequences = sequences;
        Length = length;
    }

    /// <summary>Computes the activations up to the final hidden state.</summary>
    public abstract void Forward();

    /// <summary>After <see cref="Forward"/>: computes the losses only.</summary>
    public abstract void Loss();

    /// <summary>
    /// After <see cref="Forward"/>: computes the losses and every gradient; the head's loss and its gradients are taken together, chunk by
    /// chunk. With <paramref name="accumulate"/> gradients are added to those of the micro-batches before, otherwise they are overwritten.
    /// </summary>
    public abstract void Backward(bool accumulate);

    /// <summary>The weighted sum of the losses (their mean, by default). Waits for the device.</summary>
    public virtual double ReadLoss() => inputs.ReadLoss(RowCount);

    /// <summary>Copies the losses, one a row. Waits for the device.</summary>
    public void ReadLosses(Span<float> losses) => inputs.ReadLosses(losses[..RowCount]);

    /// <summary>Copies the final hidden states, [rows, width]. Waits for the device.</summary>
    public abstract void ReadHidden(Span<float> hidden);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        inputs.Dispose();
        Values.Dispose();
        Saved.Dispose();
        Workspace.Dispose();
        gradients?.Dispose();
    }

    /// <summary>Throws unless a batch of this form fits.</summary>
    private protected void CheckBatch(int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths) =>
        inputs.Check(sequences, length, Model.Description.Context, tokens, lengths);
}
