namespace GptGen;

/// <summary>
/// The training graph of a bidirectional model. Each direction reads tokens of its own, which may be the same: the one forward predicts what follows
/// each, the one backward what stands before each. Rows of hidden states, logits and losses are first all of those that are read forward, then all of
/// those that are read backward. The loss is half of each direction's. Where the model samples tokens, gradients and the losses that they come with
/// are of the softmax among samples, which seed, step and micro-batch of <see cref="TrainingGraph.Dropout"/> draw, even if nothing is dropped.
/// </summary>
public abstract class BidirectionalTrainingGraph : TrainingGraph
{
    private readonly DirectedInputs directed;
    private readonly LossReader losses;
    private readonly int[] counted;
    private readonly SampleInputs? samples;

    /// <inheritdoc/>
    protected BidirectionalTrainingGraph(BidirectionalModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs)
    {
        directed = new(Inputs, model, Capacity);
        losses = new(Inputs, "Weights", "Losses", checked(2 * Capacity));
        counted = new int[checked(2 * Capacity)];
        samples = SampleInputs.Of(Inputs, model.Description, counted.Length);
    }

    /// <inheritdoc/>
    public override BidirectionalModel Model => (BidirectionalModel)base.Model;

    /// <inheritdoc/>
    private protected override int StateRowCount => DirectedRowCount;

    /// <inheritdoc/>
    private protected override int LogitRowCount => DirectedRowCount;

    /// <summary>
    /// Sets the batch. <paramref name="tokens"/> and <paramref name="targets"/> are [2, sequences, length]: first what is read forward with the
    /// tokens that follow, then what is read backward with those that stand before; both in the order of the text. A target of
    /// <see cref="Device.IgnoredTarget"/> has no loss. A model that reads characters takes
    /// <see cref="ModelDescription.CharactersPerToken"/> of them for each token in <paramref name="tokens"/>.
    /// </summary>
    /// <param name="state">
    /// What the LSTMs go on from, which <see cref="AdvanceState"/> replaces by what they leave; null for texts that begin and are not gone on with.
    /// </param>
    /// <param name="sequences">Texts.</param>
    /// <param name="length">Rows of a text in one direction.</param>
    /// <param name="tokens">The tokens, padded behind the ends with any valid token.</param>
    /// <param name="targets">What each row should predict.</param>
    /// <param name="lengths">The rows of each text that count; empty for all. The one backward begins with each text's own last row.</param>
    /// <param name="weight">The weight of each loss; 0 means half of the mean of its direction.</param>
    /// <exception cref="GptGenException">A token or target is out of range, the batch does not fit, or the state is of other texts.</exception>
    public void SetBatch(
        RecurrentState? state, int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<int> lengths = default,
        float weight = 0)
    {
        using var call = Enter();
        directed.CheckState(state, sequences);
        var rows = sequences * length;
        Batch.CheckForm(sequences, length, Model.Description, lengths);
        TokenCheck.Read(tokens, 2L * rows, Model.Description);
        if (targets.Length != 2L * rows)
            throw new GptGenException($"A batch of {sequences} x {length} in two directions needs {2L * rows} targets, not {targets.Length}.");
        TokenCheck.Targets(targets, Model.Description.Vocabulary);
        BeginBatch(sequences, length, [], lengths);
        var counts = Batch.Counts(sequences);
        directed.Set(state, length, tokens[..(tokens.Length / 2)], tokens[(tokens.Length / 2)..], counts);
        SetTargets(length, counts, targets[..rows], 0, weight);
        SetTargets(length, counts, targets[rows..], rows, weight);
        Inputs.Write("Targets", counted.AsSpan(0, 2 * rows));
        losses.Write(2 * rows);
    }

    /// <summary>
    /// After <see cref="TrainingGraph.Forward"/>: the state goes on to behind the batch, once for each. What the pass computed stays there, but there
    /// is no second pass over the batch.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet, or no state that has not gone on already.</exception>
    public void AdvanceState()
    {
        using var call = Enter();
        RequireActivations(nameof(AdvanceState));
        directed.Advance();
    }

    /// <summary>Rows of each LSTM's cells before the batch.</summary>
    protected int CellsRowCount => directed.StateRows;

    /// <summary>Rows of its outputs before the batch.</summary>
    protected int OutputsRowCount => directed.StateRows;

    /// <summary>Rows of its cells behind the batch.</summary>
    protected int NextCellsRowCount => directed.StateRows;

    /// <summary>Rows of its outputs behind the batch.</summary>
    protected int NextOutputsRowCount => directed.StateRows;

    /// <summary>Where an LSTM's cells before the batch are, those of a layer's directions one after the other; nowhere without a state.</summary>
    protected Location CellsOf(int place) => directed.CellsOf(place);

    /// <summary>The same of its outputs.</summary>
    protected Location OutputsOf(int place) => directed.OutputsOf(place);

    /// <summary>Where its cells behind the batch go.</summary>
    protected Location NextCellsOf(int place) => directed.NextCellsOf(place);

    /// <summary>The same of its outputs.</summary>
    protected Location NextOutputsOf(int place) => directed.NextOutputsOf(place);

    /// <inheritdoc/>
    private protected override void PrepareBackward() => samples?.Draw(Dropout, counted.AsSpan(0, DirectedRowCount));

    /// <inheritdoc/>
    private protected override double SumLosses() => losses.Sum(DirectedRowCount);

    /// <inheritdoc/>
    private protected override void CopyLosses(Span<float> destination) => losses.Read(destination);

    private void SetTargets(int length, ReadOnlySpan<int> counts, ReadOnlySpan<int> targets, int firstRow, float weight)
    {
        var rows = counted.AsSpan(firstRow, targets.Length);
        for (var sequence = 0; sequence < counts.Length; sequence++)
        {
            // Rows behind a sequence's end do not count, whatever their targets.
            var (first, count) = (sequence * length, counts[sequence]);
            targets.Slice(first, count).CopyTo(rows[first..]);
            rows.Slice(first + count, length - count).Fill(Device.IgnoredTarget);
        }

        var weights = losses.Weights(firstRow + rows.Length)[firstRow..];
        var each = weight == 0 ? 0.5f / Math.Max(1, rows.Length - rows.Count(Device.IgnoredTarget)) : weight;
        for (var row = 0; row < rows.Length; row++)
            weights[row] = rows[row] == Device.IgnoredTarget ? 0 : each;
    }
}
