namespace GptGen;

/// <summary>
/// The memory of a training step and the code that fills it: a batch (each kind of model has its own SetBatch), then <see cref="Forward"/>, then
/// <see cref="Loss"/> to evaluate or <see cref="Backward"/> to train, then what the reading calls read. After the constructor only the gradients are
/// allocated, when they are first asked for. One thread at a time may use a graph.
/// </summary>
/// <remarks>
/// Calls out of order throw <see cref="InvalidOperationException"/>, which names the call that is missing; so does a second thread's.
/// </remarks>
public abstract partial class TrainingGraph : IDisposable
{
    private readonly GraphUse use = new("training graph");
    private readonly Lock allocating = new();
    private Progress progress;
    private Arena? gradients;
    private bool hasGradients;

    /// <summary>Allocates everything.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="inputs">The inputs that the generated code uses.</param>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected TrainingGraph(Model model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        Capacity = SequenceInputs.Rows(model.Description, sequences, length, "training graph");
        SequenceCapacity = sequences;
        Sequences = sequences;
        Length = length;
        var elements = model.Description.TrainingElements(sequences, length, Device.LogitRows);
        Values = Allocate(BufferRole.Activation);
        Saved = Allocate(BufferRole.Statistic);
        Workspace = Allocate(BufferRole.Workspace);
        Inputs = new(model.Device, inputs, Capacity, sequences, sourceRows: Capacity, distances: length + model.Description.MemoryLength);
        Batch = new(Inputs, sequences, Capacity);

        Arena Allocate(BufferRole role) => Device.Allocate(role, elements.Single(part => part.Role == role).Elements);
    }

    /// <summary>How far the current batch is.</summary>
    private enum Progress
    {
        Nothing,
        Batch,
        Activations,
        Losses,
    }

    /// <summary>The model.</summary>
    public virtual Model Model { get; }

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

    /// <summary>Rows of both directions, where each row is read in both.</summary>
    public int DirectedRowCount => 2 * RowCount;

    /// <summary>Rows that a pass over the current batch computes, those of sources among them.</summary>
    internal virtual int ComputedRows => RowCount;

    /// <summary>
    /// The gradients, laid out as the trained parameters; allocated when they are first asked for, so that evaluation needs no memory for them.
    /// </summary>
    public Arena Gradients
    {
        get
        {
            lock (allocating)
                return gradients ??= Device.Allocate(BufferRole.Gradient, Model.Description.TrainedElements);
        }
    }

    /// <summary>Allocates the gradients now, so that a lack of memory shows before the first step.</summary>
    internal void ReserveGradients() => _ = Gradients;

    /// <summary>The dropout of the next pass; inactive unless set.</summary>
    public Dropout Dropout { get; set; }

    /// <summary>
    /// The share of every token in what a row should predict, from 0 to 1; 0 unless set. See <see cref="Device"/>'s <c>HeadLoss</c>.
    /// </summary>
    /// <exception cref="GptGenException">The softmax is adaptive, and the share is not 0.</exception>
    public float LabelSmoothing
    {
        get;
        set => field = value == 0 || Model.Description.Cutoffs.Count == 0
            ? value
            : throw new GptGenException(
                $"{Model.Description.Name} has an adaptive softmax, whose labels are not smoothed: leave label smoothing at 0.");
    }

    /// <summary>Of some rows, those whose logits are held at once.</summary>
    protected int LogitRowsOf(int rows) => Math.Min(rows, Device.LogitRows);

    /// <summary>Activations and their gradients.</summary>
    protected Arena Values { get; }

    /// <summary>Statistics kept for the backward pass.</summary>
    protected Arena Saved { get; }

    /// <summary>Logits of one chunk.</summary>
    protected Arena Workspace { get; }

    /// <summary>What the host gives, and the losses that it reads.</summary>
    private protected InputBuffer Inputs { get; }

    /// <summary>The sequences of the current batch.</summary>
    private protected SequenceInputs Batch { get; }

    /// <summary>Told of each <see cref="LayerDone"/>, in the middle of the backward pass; null for nobody.</summary>
    internal Action<int>? LayerObserver { get; set; }

    /// <summary>Rows of hidden states.</summary>
    private protected virtual int StateRowCount => RowCount;

    /// <summary>Rows whose logits <see cref="ReadLogits"/> computes and whose losses <see cref="ReadLosses"/> reads.</summary>
    private protected abstract int LogitRowCount { get; }

    /// <summary>Numbers among the inputs, by their name.</summary>
    internal Statistics StatisticsOf(string input, int count) => Inputs.Statistics(input, count);

    /// <summary>An input of integers, by its place in the list of inputs.</summary>
    protected Integers IntegersOf(int input, int count) => Inputs.Integers(input, count);

    /// <summary>An input of numbers, by its place in the list of inputs.</summary>
    protected Statistics StatisticsOf(int input, int count) => Inputs.Statistics(input, count);

    /// <summary>Computes the activations up to the final hidden state.</summary>
    /// <exception cref="InvalidOperationException">There is no batch.</exception>
    public void Forward()
    {
        using var call = Enter();
        Require(Progress.Batch, nameof(Forward));
        ComputeForward();
        progress = Progress.Activations;
    }

    /// <summary>After <see cref="Forward"/>: computes the losses only.</summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void Loss()
    {
        using var call = Enter();
        Require(Progress.Activations, nameof(Loss));
        ComputeLoss();
        progress = Progress.Losses;
    }

    /// <summary>
    /// After <see cref="Forward"/>: computes the losses and every gradient; the head's loss and its gradients are taken together, chunk by
    /// chunk. With <paramref name="accumulate"/> gradients are added to those of the micro-batches before, otherwise they are overwritten.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void Backward(bool accumulate)
    {
        using var call = Enter();
        Require(Progress.Activations, nameof(Backward));
        PrepareBackward();
        ComputeBackward(accumulate);
        progress = Progress.Losses;
        hasGradients = true;
    }

    /// <summary>
    /// One micro-batch of a training step: <see cref="Forward"/>, <see cref="Backward"/> and the loss. Labels are smoothed in this call only.
    /// </summary>
    internal double Train(Dropout dropout, bool accumulate, float labelSmoothing = 0)
    {
        Dropout = dropout;
        LabelSmoothing = labelSmoothing;
        Forward();
        Backward(accumulate);
        LabelSmoothing = 0;
        return ReadLoss();
    }

    /// <summary>Sets what only the backward pass reads.</summary>
    private protected virtual void PrepareBackward()
    {
    }

    /// <summary>The generated code of <see cref="Forward"/>.</summary>
    protected abstract void ComputeForward();

    /// <summary>The generated code of <see cref="Loss"/>.</summary>
    protected abstract void ComputeLoss();

    /// <summary>The generated code of <see cref="Backward"/>.</summary>
    protected abstract void ComputeBackward(bool accumulate);

    /// <summary>
    /// The generated code says so in <see cref="ComputeBackward"/>: the gradients of all parameters whose <see cref="ParameterInfo.Layer"/> is
    /// <paramref name="layer"/> or more are asked of the device, and nothing is added to them any more.
    /// </summary>
    protected void LayerDone(int layer) => LayerObserver?.Invoke(layer);

    /// <summary>Puts the logits of some rows into the workspace.</summary>
    protected virtual void ComputeLogits(int firstRow, int rows) =>
        throw new GptGenException(
            $"{Model.Description.Name} has an adaptive softmax: its training graph computes losses without logits of all tokens; read those.");

    /// <summary>Where the final hidden states are.</summary>
    protected abstract Location FinalStates { get; }

    /// <summary>How many final hidden states there are: fewer than rows where the last layer goes on with those alone that are read.</summary>
    protected virtual int FinalStateCount => StateRowCount;

    /// <summary>
    /// Where the hidden states are that layer <paramref name="layer"/> reads, or for the number of layers those that the last one leaves.
    /// </summary>
    protected abstract Location StatesOf(int layer);

    /// <summary>Frees the memory as soon as no call uses it.</summary>
    public void Dispose()
    {
        if (!use.TryDispose())
            return;
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Inputs.Dispose();
        Values.Dispose();
        Saved.Dispose();
        Workspace.Dispose();
        lock (allocating)
            gradients?.Dispose();
    }

    /// <summary>Begins a call; only one runs at a time.</summary>
    private protected GraphUse.Call Enter() => use.Enter();

    /// <summary>Takes sequences that were checked, within a call; what belongs to them may follow.</summary>
    private protected void BeginBatch(int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        Batch.Set(sequences, length, tokens, lengths);
        Sequences = sequences;
        Length = length;
        progress = Progress.Batch;
    }

    /// <summary>The weighted sum of the losses.</summary>
    private protected abstract double SumLosses();

    /// <summary>Copies the losses of <see cref="LogitRowCount"/> rows.</summary>
    private protected abstract void CopyLosses(Span<float> losses);

    /// <summary>Throws unless the batch has activations.</summary>
    private protected void RequireActivations(string call) => Require(Progress.Activations, call);

    /// <summary>Throws unless the batch has losses.</summary>
    private protected void RequireLosses(string call) => Require(Progress.Losses, call);

    private void Require(Progress needed, string call)
    {
        if (progress < needed)
        {
            throw Missing(
                call,
                progress == Progress.Nothing ? nameof(LanguageTrainingGraph.SetBatch)
                    : progress == Progress.Batch ? nameof(Forward)
                    : $"{nameof(Loss)} or {nameof(Backward)}");
        }
    }

    private static InvalidOperationException Missing(string call, string before) => new($"{call} needs a call of {before} before it.");
}
