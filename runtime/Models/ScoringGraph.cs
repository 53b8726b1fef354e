namespace GptGen;

/// <summary>The graph of a task head's predictions: without gradients or vocabulary logits.</summary>
public abstract class ScoringGraph : EncodingGraph
{
    private readonly ExampleInputs examples;
    private readonly TaskHead head;

    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="inputs">The inputs that the generated code uses.</param>
    /// <param name="valueElements">Elements of the activations of some rows and sequences.</param>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected ScoringGraph(Model model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, nint> valueElements)
        : base(model, sequences, length, inputs, valueElements, "scoring graph", nameof(Score))
    {
        head = model.Description.Head ?? throw new ArgumentException($"{model.Description.Name} has no task head.", nameof(model));
        examples = new(Inputs, model.Description, sequences, sequences * length);
    }

    /// <summary>The same of a model that reads each row in both directions, whose activations grow with the rows of both.</summary>
    /// <inheritdoc cref="ScoringGraph(Model, int, int, IReadOnlyList{GraphInput}, Func{int, int, nint})"/>
    protected ScoringGraph(Model model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, int, nint> valueElements)
        : this(model, sequences, length, inputs, (rows, count) => valueElements(rows, count, checked(2 * rows)))
    {
    }

    /// <summary>Examples of the last call.</summary>
    public int Examples { get; private set; }

    /// <summary>Rows of tokens that the last call scored, of a head that labels tokens.</summary>
    public int LabelledCount { get; private set; }

    /// <summary>Rows that the head projects.</summary>
    protected int PooledCount => Examples * head.PooledRowsPerExample;

    /// <summary>Sequences of the examples.</summary>
    protected int MemberCount => Sequences;

    /// <summary>
    /// Scores examples: <paramref name="tokens"/> is [sequences, length], an example's sequences (<c>TaskHead.Encode</c>) one after the other,
    /// padded behind their <paramref name="lengths"/> with any valid token.
    /// </summary>
    /// <exception cref="GptGenException">
    /// A token is out of range, a sequence lacks its classify token, or the examples do not fit.
    /// </exception>
    public void Score(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths) => Score(length, tokens, [], lengths);

    /// <summary>
    /// The same of a model with token types: <paramref name="tokenTypes"/> is [sequences, length] too; none mean 0 everywhere. A head that labels
    /// tokens scores those in <paramref name="rows"/> (sequence x length + position).
    /// </summary>
    /// <exception cref="GptGenException">
    /// A token or type is out of range, a sequence lacks its classify token, or the examples do not fit.
    /// </exception>
    public void Score(
        int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> rows = default)
    {
        using var call = Enter();
        var count = examples.Count(lengths.Length);
        Check(lengths.Length, length, tokens, lengths);
        examples.Check(length, tokens, tokenTypes, lengths);
        examples.CheckRows(length, lengths, rows);
        Begin(lengths.Length, length, tokens, lengths);
        examples.Write(length, tokenTypes, lengths);
        if (head.Kind == TaskKind.TokenClassification)
            examples.WriteRows(rows, RowCount);
        (Examples, LabelledCount) = (count, rows.Length);
        ScoreExamples();
    }

    /// <summary>
    /// Copies the scores of the last call, [examples, or labelled rows, classes]: logits of the labels or choices, or grades; of questions
    /// [sequences x length, 2], whether an answer begins, and whether it ends, at each token. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was scored yet.</exception>
    public void ReadScores(Span<float> scores) => Read(Scores, scores, ScoreCount, nameof(ReadScores));

    private int ScoreCount => head.Classes * head.Kind switch
    {
        TaskKind.TokenClassification => LabelledCount,
        TaskKind.QuestionAnswering => RowCount,
        _ => Examples,
    };

    /// <summary>Where the scores are.</summary>
    protected abstract Location Scores { get; }

    /// <summary>The generated code of <c>Score</c>.</summary>
    protected abstract void ScoreExamples();
}
