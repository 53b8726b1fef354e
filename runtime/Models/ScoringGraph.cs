namespace GptGen;

/// <summary>
/// The memory of a task head's predictions and the code that fills it: values are kept no longer than they are read, and there are no
/// gradients and no vocabulary logits. Nothing is allocated after the constructor. One thread at a time may use a graph.
/// </summary>
public abstract class ScoringGraph : IDisposable
{
    private readonly GraphUse use = new("scoring graph");
    private readonly BatchInputs inputs;
    private readonly ExampleInputs examples;
    private readonly int[] noTargets;
    private bool hasScores;

    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="valueElements">Elements of the activations of some rows and sequences.</param>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected ScoringGraph(TaskModel model, int sequences, int length, Func<int, int, nint> valueElements)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(valueElements);
        Model = model;
        var rows = BatchInputs.Rows(model.Description, sequences, length, "scoring graph");
        Values = Device.Allocate(BufferRole.Activation, valueElements(rows, sequences));
        inputs = new(Device, sequences, rows);
        examples = new(Device, model.Head, sequences);
        noTargets = new int[rows];
        noTargets.AsSpan().Fill(Device.IgnoredTarget);
    }

    /// <summary>The model.</summary>
    public TaskModel Model { get; }

    /// <summary>Where it runs.</summary>
    public Device Device => Model.Device;

    /// <summary>Examples of the last call.</summary>
    public int Examples { get; private set; }

    /// <summary>Activations.</summary>
    protected Arena Values { get; }

    /// <summary>Rows of the current call.</summary>
    protected int RowCount { get; private set; }

    /// <summary>Sequences of the current call.</summary>
    protected int Sequences { get; private set; }

    /// <summary>Rows that the head projects.</summary>
    protected int PooledCount => Examples * Model.Head.PooledRowsPerExample;

    /// <summary>Token ids, one a row.</summary>
    protected Integers Tokens => inputs.Tokens(RowCount);

    /// <summary>Positions, one a row.</summary>
    protected Integers Positions => inputs.Positions(RowCount);

    /// <summary>Rows that count, one number a sequence.</summary>
    protected Integers Lengths => inputs.Lengths(Sequences);

    /// <summary>Rows of the classify tokens, in the examples' order.</summary>
    protected Integers PooledRows => examples.PooledRows(Sequences);

    /// <summary>
    /// Scores examples: <paramref name="tokens"/> is [sequences, length], an example's sequences (<see cref="TaskHead.Encode"/>) one after the other,
    /// padded behind their <paramref name="lengths"/> with any valid token.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, a sequence lacks its classify token, or the examples do not fit.</exception>
    public void Score(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        using var call = use.Enter();
        var count = examples.Count(lengths.Length);
        inputs.Check(lengths.Length, length, Model.Description.Context, tokens, lengths);
        examples.FindRows(length, tokens, lengths);
        inputs.Set(lengths.Length, length, Model.Description.Vocabulary, tokens, noTargets.AsSpan(0, tokens.Length), default, lengths);
        examples.WriteRows(lengths.Length);
        (Examples, Sequences, RowCount) = (count, lengths.Length, tokens.Length);
        ScoreExamples();
        hasScores = true;
    }

    /// <summary>Copies the scores of the last call, [examples, classes]: logits of the labels or choices, or grades. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">Nothing was scored yet.</exception>
    public void ReadScores(Span<float> scores)
    {
        using var call = use.Enter();
        if (!hasScores)
            throw new InvalidOperationException($"{nameof(ReadScores)} needs a call of {nameof(Score)} before it.");
        var count = Examples * Model.Head.Classes;
        if (scores.Length < count)
            throw new ArgumentException($"There are {count} scores, but room for {scores.Length}.", nameof(scores));
        Scores.Arena.Read(Scores.Offset, scores[..count]);
    }

    /// <summary>
    /// Copies the final hidden states of the last call, [sequences x length, width]: after the final LayerNorm where there is one. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was scored yet.</exception>
    public void ReadHidden(Span<float> hidden)
    {
        using var call = use.Enter();
        if (!hasScores)
            throw new InvalidOperationException($"{nameof(ReadHidden)} needs a call of {nameof(Score)} before it.");
        var count = checked(RowCount * Model.Description.Width);
        if (hidden.Length < count)
            throw new ArgumentException($"There are {count} numbers, but room for {hidden.Length}.", nameof(hidden));
        FinalStates.Arena.Read(FinalStates.Offset, hidden[..count]);
    }

    /// <summary>Where the final hidden states are.</summary>
    protected abstract Location FinalStates { get; }

    /// <summary>Where the scores are.</summary>
    protected abstract Location Scores { get; }

    /// <summary>The generated code of <see cref="Score"/>.</summary>
    protected abstract void ScoreExamples();

    /// <summary>Frees the memory as soon as no call uses it.</summary>
    public void Dispose()
    {
        if (!use.TryDispose())
            return;
        Values.Dispose();
        inputs.Dispose();
        examples.Dispose();
        GC.SuppressFinalize(this);
    }
}
