namespace GptGen;

/// <summary>
/// The training graph of a masked model: its loss is the weighted sum of the cross-entropies of masked tokens and of whether each sequence's second
/// text follows its first.
/// </summary>
public abstract class MaskedTrainingGraph : TrainingGraph
{
    private readonly PairInputs pairs;
    private readonly LossReader predictionLosses;
    private readonly LossReader sequenceLosses;
    private readonly int[] labels;
    private readonly ReadRows read;
    private readonly int[] places;

    /// <inheritdoc/>
    protected MaskedTrainingGraph(MaskedModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs)
    {
        pairs = new(Inputs, sequences, Capacity);
        predictionLosses = new(Inputs, "PredictionWeights", "PredictionLosses", Capacity);
        sequenceLosses = new(Inputs, "SequenceWeights", "SequenceLosses", sequences);
        labels = new int[sequences];
        read = new(Capacity);
        places = new int[Capacity];
    }

    /// <inheritdoc/>
    public override MaskedModel Model => (MaskedModel)base.Model;

    /// <summary>Predictions of the current batch.</summary>
    public int PredictionCount { get; private set; }

    /// <summary>Rows of the current batch that losses read behind the layers: predicted ones, then first ones that are not among them.</summary>
    public int ReadRowCount => read.Count;

    /// <inheritdoc/>
    private protected override int LogitRowCount => PredictionCount;

    /// <summary>
    /// Sets the batch: <paramref name="tokens"/> and <paramref name="tokenTypes"/> are [sequences, length], padded behind their
    /// <paramref name="lengths"/>, one a sequence, with any valid token and type; no types mean 0 everywhere.
    /// </summary>
    /// <param name="length">Rows of a sequence.</param>
    /// <param name="tokens">The tokens, some of them masked.</param>
    /// <param name="tokenTypes">Of which text each token is.</param>
    /// <param name="lengths">The rows of each sequence that count.</param>
    /// <param name="predictedRows">The rows (sequence x length + position) whose tokens are predicted; there may be none.</param>
    /// <param name="predictedTokens">What stands there in truth.</param>
    /// <param name="nextLabels">
    /// For each sequence 0 where its second text follows its first, 1 where it does not, <see cref="Device.IgnoredTarget"/> where that has no loss;
    /// none mean that no sequence's has.
    /// </param>
    /// <param name="predictionWeight">The weight of each prediction's loss; 0 means their mean.</param>
    /// <param name="sequenceWeight">The weight of each sequence's loss; 0 means their mean.</param>
    /// <exception cref="GptGenException">Something is out of range, or the batch does not fit.</exception>
    public void SetBatch(
        int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> predictedRows,
        ReadOnlySpan<int> predictedTokens, ReadOnlySpan<int> nextLabels, float predictionWeight = 0, float sequenceWeight = 0)
    {
        using var call = Enter();
        var sequences = lengths.Length;
        Batch.Check(sequences, length, Model.Description, tokens, lengths);
        pairs.Check(sequences, length, tokenTypes, Model.Description);
        CheckPredictions(length, lengths, predictedRows, predictedTokens);
        if (nextLabels.Length != 0 && nextLabels.Length != sequences)
            throw new GptGenException($"{sequences} sequences need as many labels of next sentences or none, not {nextLabels.Length}.");
        foreach (var label in nextLabels)
        {
            if (label is < Device.IgnoredTarget or > 1)
                throw new GptGenException(
                    $"A label of a next sentence is {label}, but must be 0 (it is next), 1 (it is not) or {Device.IgnoredTarget} (no loss).");
        }

        BeginBatch(sequences, length, tokens, lengths);
        pairs.Set(length, tokenTypes, lengths);
        PredictionCount = predictedRows.Length;
        SetReadRows(length, predictedRows);
        Inputs.Write("PredictedTokens", predictedTokens);
        predictionLosses.Weights(PredictionCount).Fill(predictionWeight == 0 ? 1f / Math.Max(1, PredictionCount) : predictionWeight);
        predictionLosses.Write(PredictionCount);
        SetNextLabels(nextLabels, sequenceWeight);
    }

    /// <summary>The weighted sum of the predictions' losses: their mean, by default. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The batch has no losses yet.</exception>
    public double ReadPredictionLoss()
    {
        using var call = Enter();
        RequireLosses(nameof(ReadPredictionLoss));
        return predictionLosses.Sum(PredictionCount);
    }

    /// <summary>Copies the losses of the next sentences, one a sequence. Waits for the device.</summary>
    /// <inheritdoc cref="ReadPredictionLoss" path="/exception"/>
    public void ReadSequenceLosses(Span<float> losses)
    {
        using var call = Enter();
        RequireLosses(nameof(ReadSequenceLosses));
        sequenceLosses.Read(Room(losses, Sequences, nameof(losses)));
    }

    /// <summary>Copies the pooled states, [sequences, width]. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void ReadPooled(Span<float> pooled) => Read(PooledStates, pooled, Model.Description.Width, nameof(ReadPooled));

    /// <summary>Copies the scores of "follows" and "does not", [sequences, 2]. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void ReadNextScores(Span<float> scores) => Read(NextScores, scores, 2, nameof(ReadNextScores));

    /// <summary>Where the pooled states are.</summary>
    protected abstract Location PooledStates { get; }

    /// <summary>Where the scores of next sentences are.</summary>
    protected abstract Location NextScores { get; }

    /// <inheritdoc/>
    private protected override double SumLosses() => predictionLosses.Sum(PredictionCount) + sequenceLosses.Sum(Sequences);

    /// <inheritdoc/>
    private protected override void CopyLosses(Span<float> destination) => predictionLosses.Read(destination);

    private void CheckPredictions(int length, ReadOnlySpan<int> lengths, ReadOnlySpan<int> rows, ReadOnlySpan<int> tokens)
    {
        if (rows.Length != tokens.Length || rows.Length > Capacity)
            throw new GptGenException($"{rows.Length} predicted rows need as many tokens, not {tokens.Length}, and at most {Capacity} fit.");
        foreach (var row in rows)
        {
            if (row < 0 || row >= lengths.Length * length || row % length >= lengths[row / length])
                throw new GptGenException($"Row {row} is to be predicted, but no token stands there.");
        }

        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "predicted token");
    }

    private void SetReadRows(int length, ReadOnlySpan<int> predictedRows)
    {
        read.Clear();
        for (var index = 0; index < predictedRows.Length; index++)
            places[index] = read.PlaceOf(predictedRows[index]);
        Inputs.Write("PredictedPlaces", places.AsSpan(0, predictedRows.Length));
        for (var sequence = 0; sequence < Sequences; sequence++)
            places[sequence] = read.PlaceOf(sequence * length);
        Inputs.Write("FirstPlaces", places.AsSpan(0, Sequences));
        Inputs.Write("ReadRows", read.Rows);
    }

    private void SetNextLabels(ReadOnlySpan<int> given, float weight)
    {
        var weights = sequenceLosses.Weights(Sequences);
        var counted = given.Length - given.Count(Device.IgnoredTarget);
        for (var sequence = 0; sequence < Sequences; sequence++)
        {
            var hasLoss = given.Length > 0 && given[sequence] != Device.IgnoredTarget;
            labels[sequence] = hasLoss ? given[sequence] : 0;
            weights[sequence] = !hasLoss ? 0 : weight == 0 ? 1f / counted : weight;
        }

        Inputs.Write("NextLabels", labels.AsSpan(0, Sequences));
        sequenceLosses.Write(Sequences);
    }

    private void Read(Location start, Span<float> destination, int width, string call)
    {
        using var entered = Enter();
        RequireActivations(call);
        start.Arena.Read(start.Offset, Room(destination, checked(Sequences * width), nameof(destination)));
    }
}
