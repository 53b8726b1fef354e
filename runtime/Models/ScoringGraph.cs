namespace GptGen;

/// <summary>The graph of a task head's predictions: without gradients or vocabulary logits.</summary>
public abstract class ScoringGraph : EncodingGraph
{
    private readonly ExampleInputs examples;

    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="inputs">The inputs that the generated code uses.</param>
    /// <param name="valueElements">Elements of the activations of some rows and sequences.</param>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected ScoringGraph(TaskModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, nint> valueElements)
        : base(model, sequences, length, inputs, valueElements, "scoring graph", nameof(Score)) =>
        examples = new(Inputs, model.Head, sequences);

    /// <inheritdoc/>
    public override TaskModel Model => (TaskModel)base.Model;

    /// <summary>Examples of the last call.</summary>
    public int Examples { get; private set; }

    /// <summary>Rows that the head projects.</summary>
    protected int PooledCount => Examples * Model.Head.PooledRowsPerExample;

    /// <summary>Sequences of the examples.</summary>
    protected int MemberCount => Sequences;

    /// <summary>
    /// Scores examples: <paramref name="tokens"/> is [sequences, length], an example's sequences (<see cref="TaskHead.Encode"/>) one after the other,
    /// padded behind their <paramref name="lengths"/> with any valid token.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, a sequence lacks its classify token, or the examples do not fit.</exception>
    public void Score(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        using var call = Enter();
        var count = examples.Count(lengths.Length);
        Check(lengths.Length, length, tokens, lengths);
        examples.FindRows(length, tokens, lengths);
        Begin(lengths.Length, length, tokens, lengths);
        examples.WriteRows(lengths.Length);
        Examples = count;
        ScoreExamples();
    }

    /// <summary>Copies the scores of the last call, [examples, classes]: logits of the labels or choices, or grades. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">Nothing was scored yet.</exception>
    public void ReadScores(Span<float> scores) => Read(Scores, scores, Examples * Model.Head.Classes, nameof(ReadScores));

    /// <summary>Where the scores are.</summary>
    protected abstract Location Scores { get; }

    /// <summary>The generated code of <see cref="Score"/>.</summary>
    protected abstract void ScoreExamples();
}
