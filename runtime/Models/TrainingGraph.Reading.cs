namespace GptGen;

// What a batch left: losses, hidden states, logits, gradients. Each call says what has to run before it.
public abstract partial class TrainingGraph
{
    private float[]? logitRow;

    /// <summary>The weighted sum of the losses (their mean, by default). Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The batch has no losses yet.</exception>
    public virtual double ReadLoss()
    {
        using var call = Enter();
        Require(Progress.Losses, nameof(ReadLoss));
        return SumLosses();
    }

    /// <summary>Copies the losses, one a row, or of a masked model one a prediction. Waits for the device.</summary>
    /// <inheritdoc cref="ReadLoss" path="/exception"/>
    public void ReadLosses(Span<float> losses)
    {
        using var call = Enter();
        Require(Progress.Losses, nameof(ReadLosses));
        CopyLosses(Room(losses, LogitRowCount, nameof(losses)));
    }

    /// <summary>
    /// Copies the final hidden states, [rows, width]: after the final LayerNorm where there is one. Where losses read some rows alone, the last layer
    /// computes those alone, and they are copied: a masked model's predicted rows, then the first rows of sequences that are not among them; of an
    /// encoder with a task head the labelled rows, or the first row of each sequence. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void ReadHidden(Span<float> hidden) => ReadStates(hidden, null);

    /// <summary>
    /// Copies the hidden states between two layers, [rows, width]: those that layer <paramref name="layer"/> reads; 0 are the embeddings, and the
    /// number of layers are those that the last one leaves, before the final LayerNorm, of the same rows as
    /// <see cref="ReadHidden(Span{float})"/>. Waits for the device.
    /// </summary>
    /// <inheritdoc cref="ReadHidden(Span{float})" path="/exception"/>
    public void ReadHidden(int layer, Span<float> hidden)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layer, Model.Description.Layers);
        ReadStates(hidden, layer);
    }

    /// <summary>
    /// Computes and copies the logits of every row, or of a masked model every prediction: [rows, vocabulary]. Waits for the device.
    /// </summary>
    /// <inheritdoc cref="ReadHidden(Span{float})" path="/exception"/>
    public void ReadLogits(Span<float> logits)
    {
        using var call = Enter();
        Require(Progress.Activations, nameof(ReadLogits));
        var (rows, vocabulary) = (LogitRowCount, Model.Description.Vocabulary);
        logits = Room(logits, checked(rows * vocabulary), nameof(logits));
        for (var row = 0; row < rows; row++)
            ReadLogitRow(row, logits.Slice(row * vocabulary, vocabulary));
    }

    /// <summary>
    /// The token of the largest logit of every row, or of a masked model every prediction; of equal ones the first. Waits for the device.
    /// </summary>
    /// <inheritdoc cref="ReadHidden(Span{float})" path="/exception"/>
    public void ReadMostProbable(Span<int> tokens)
    {
        using var call = Enter();
        Require(Progress.Activations, nameof(ReadMostProbable));
        if (tokens.Length < LogitRowCount)
            throw new ArgumentException($"There are {LogitRowCount} tokens, but room for {tokens.Length}.", nameof(tokens));
        logitRow ??= new float[Model.Description.Vocabulary];
        for (var row = 0; row < LogitRowCount; row++)
        {
            ReadLogitRow(row, logitRow);
            tokens[row] = IndexOfMost(logitRow);
        }
    }

    /// <summary>
    /// The gradient of a parameter by its name in files, such as <c>h.0.attn.c_attn.weight</c>, in the shape that files store it in
    /// (<see cref="ParameterInfo.StoredShape"/>). Waits for the device.
    /// </summary>
    /// <exception cref="GptGenException">There is no such parameter, or it is frozen.</exception>
    /// <exception cref="InvalidOperationException">No gradient was computed yet.</exception>
    public float[] ReadGradient(string name)
    {
        using var call = Enter();
        if (!hasGradients)
            throw Missing(nameof(ReadGradient), nameof(Backward));
        var parameter = Model.Description.FindParameter(name);
        return !parameter.IsFrozen
            ? Checkpoints.ParameterTensors.Read(Gradients, parameter)
            : throw new GptGenException(
                $"'{parameter.Name}' of {Model.Description.Name} is frozen and has no gradient: ask for a parameter that trains.");
    }

    /// <summary>The beginning of a caller's memory that is filled.</summary>
    private protected static Span<float> Room(Span<float> destination, int count, string name) =>
        destination.Length >= count
            ? destination[..count]
            : throw new ArgumentException($"There are {count} numbers, but room for {destination.Length}.", name);

    /// <summary>Copies the logits of one of the rows that are read in order: a chunk is computed with its first row.</summary>
    private void ReadLogitRow(int row, Span<float> logits)
    {
        var chunk = LogitRowsOf(Capacity);
        if (row % chunk == 0)
            ComputeLogits(row, Math.Min(chunk, LogitRowCount - row));
        Workspace.Read(Workspace.Elements / chunk * (row % chunk), logits);
    }

    private static int IndexOfMost(float[] values)
    {
        var most = 0;
        for (var index = 1; index < values.Length; index++)
            most = values[index] > values[most] ? index : most;
        return most;
    }

    private void ReadStates(Span<float> hidden, int? layer)
    {
        using var call = Enter();
        Require(Progress.Activations, nameof(ReadHidden));
        var start = layer is { } index ? StatesOf(index) : FinalStates;
        var rows = layer is null || layer == Model.Description.Layers ? FinalStateCount : StateRowCount;
        start.Arena.Read(start.Offset, Room(hidden, checked(rows * Model.Description.Width), nameof(hidden)));
    }
}
