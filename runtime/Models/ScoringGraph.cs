namespace GptGen;

/// <summary>
/// The memory of a task head's predictions and the code that fills it: values are kept no longer than they are read, and there are no
/// gradients and no vocabulary logits. Nothing is allocated after the constructor.
/// </summary>
public abstract class ScoringGraph : IDisposable
{
    private readonly BatchInputs inputs;
    private readonly ExampleInputs examples;
    private readonly int[] noTargets;

    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    protected ScoringGraph(TaskModel model, int sequences, int length, nint valueElements)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, model.Description.Context);
        Model = model;
        var rows = checked(sequences * length);
        Values = Device.Allocate(BufferRole.Activation, valueElements);
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
        var count = examples.Count(lengths.Length);
        inputs.Check(lengths.Length, length, Model.Description.Context, tokens, lengths);
        examples.FindRows(length, tokens, lengths);
        inputs.Set(lengths.Length, length, Model.Description.Vocabulary, tokens, noTargets.AsSpan(0, tokens.Length), default, lengths);
        examples.WriteRows(lengths.Length);
        (Examples, Sequences, RowCount) = (count, lengths.Length, tokens.Length);
        ScoreExamples();
    }

    /// <summary>Copies the scores of the last call, [examples, classes]: logits of the labels or choices, or grades. Waits for the device.</summary>
    public abstract void ReadScores(Span<float> scores);

    /// <summary>The generated code of <see cref="Score"/>.</summary>
    protected abstract void ScoreExamples();

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Values.Dispose();
        inputs.Dispose();
        examples.Dispose();
        GC.SuppressFinalize(this);
    }
}
