using GptGen.Finetuning;

namespace GptGen;

/// <summary>
/// The training graph of an encoder with a task head, whose loss is the mean of the examples' losses. Nothing is allocated after the constructor.
/// </summary>
public abstract class EncoderTaskTrainingGraph : TrainingGraph, ITaskTraining
{
    private readonly TaskHead head;
    private readonly ExampleInputs examples;

    /// <inheritdoc/>
    protected EncoderTaskTrainingGraph(EncoderTaskModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs)
    {
        head = model.Head;
        examples = new(Inputs, model.Description, sequences, Capacity);
    }

    /// <inheritdoc/>
    public override EncoderTaskModel Model => (EncoderTaskModel)base.Model;

    /// <summary>Examples of the current batch.</summary>
    public int Examples { get; private set; }

    /// <summary>Rows of tokens that have labels in the current batch.</summary>
    public int LabelledCount { get; private set; }

    /// <summary>Beginnings and ends of answers in the current batch.</summary>
    protected int SpanEndCount => 2 * Examples;

    TrainingGraph ITaskTraining.Graph => this;

    /// <summary>Where the scores are.</summary>
    protected abstract Location Scores { get; }

    /// <inheritdoc/>
    private protected override int LogitRowCount => 0;

    /// <summary>
    /// Sets a batch of the task. <paramref name="tokens"/> and <paramref name="tokenTypes"/> are [sequences, length], an example's sequences
    /// (<see cref="TaskHead.Encode(Text.WordPieceTokenizer, ReadOnlySpan{int[]})"/>) one after the other, padded behind their
    /// <paramref name="lengths"/> with any valid token and type; no types mean 0 everywhere. <paramref name="labels"/> has one class or choice an
    /// example. <paramref name="averageOver"/> is the number of examples that the mean runs over, when this is one micro-batch of several; 0 means
    /// those of this batch.
    /// </summary>
    /// <exception cref="GptGenException">A token, type or label is out of range, the batch does not fit, or the head learns otherwise.</exception>
    public void SetExamples(
        int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> labels, int averageOver = 0)
    {
        using var call = Enter();
        examples.CheckLabels(labels, examples.Count(lengths.Length));
        SetSequences(length, tokens, tokenTypes, lengths, averageOver);
        examples.WriteLabels(labels);
    }

    /// <summary>
    /// Sets a batch of a graded head's task: as <see cref="SetExamples"/>, but <paramref name="grades"/> has one real number an example, to which
    /// squared error draws its score. Grades with a mean near 0 and a deviation near 1 are learned soonest.
    /// </summary>
    /// <exception cref="GptGenException">As <see cref="SetExamples"/>, or a grade is no number.</exception>
    public void SetGradedExamples(
        int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<float> grades,
        int averageOver = 0)
    {
        using var call = Enter();
        examples.CheckGrades(grades, examples.Count(lengths.Length));
        SetSequences(length, tokens, tokenTypes, lengths, averageOver);
        examples.WriteGrades(grades);
    }

    /// <summary>
    /// Sets a batch of tokens with labels: as <see cref="SetExamples"/>, but <paramref name="rows"/> (sequence x length + position) are those of
    /// the tokens that have one of <paramref name="labels"/> each. The mean runs over them, or over <paramref name="averageOver"/>.
    /// </summary>
    /// <exception cref="GptGenException">As <see cref="SetExamples"/>, or no token stands in a row.</exception>
    public void SetLabelledRows(
        int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> rows,
        ReadOnlySpan<int> labels, int averageOver = 0)
    {
        using var call = Enter();
        examples.CheckLabels(labels, rows.Length, isOfTokens: true);
        examples.CheckRows(length, lengths, rows);
        SetSequences(length, tokens, tokenTypes, lengths, averageOver, rows.Length);
        examples.WriteRows(rows, RowCount);
        examples.WriteRowLabels(labels);
    }

    /// <summary>
    /// Sets a batch of questions: as <see cref="SetExamples"/>, but each sequence's answer begins at the position <paramref name="starts"/> and ends
    /// with <paramref name="ends"/>; both are 0, the position of <c>[CLS]</c>, where it has none. An example's loss is the mean of both.
    /// </summary>
    /// <exception cref="GptGenException">As <see cref="SetExamples"/>, or an answer does not lie in its sequence.</exception>
    public void SetSpans(
        int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> starts,
        ReadOnlySpan<int> ends, int averageOver = 0)
    {
        using var call = Enter();
        examples.CheckSpans(lengths, starts, ends);
        SetSequences(length, tokens, tokenTypes, lengths, checked(2 * averageOver));
        examples.WriteSpans(starts, ends);
    }

    void ITaskTraining.Set(ExampleBatch batch, int averageOver)
    {
        if (head.Kind == TaskKind.QuestionAnswering)
            SetSpans(batch.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.Starts, batch.Ends, averageOver);
        else if (head.Kind == TaskKind.TokenClassification)
            SetLabelledRows(batch.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.Rows, batch.RowLabels, averageOver);
        else if (head.IsGraded)
            SetGradedExamples(batch.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.Grades, averageOver);
        else
            SetExamples(batch.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.Labels, averageOver);
    }

    /// <summary>The loss of the task: it is the whole. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The batch has no losses yet.</exception>
    public double ReadTaskLoss() => ReadLoss();

    /// <summary>
    /// Copies the task's losses, one an example, or a labelled row, or two an answer: of its beginning and end. Waits for the device.
    /// </summary>
    /// <inheritdoc cref="ReadTaskLoss" path="/exception"/>
    public void ReadTaskLosses(Span<float> losses)
    {
        using var call = Enter();
        RequireLosses(nameof(ReadTaskLosses));
        examples.Losses.Read(Room(losses, LossCount, nameof(losses)));
    }

    /// <summary>
    /// Copies the scores, [examples, or labelled rows, classes]: logits of the labels or choices, or grades; of questions [sequences x length, 2],
    /// whether an answer begins, and whether it ends, at each token. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void ReadScores(Span<float> scores)
    {
        using var call = Enter();
        RequireActivations(nameof(ReadScores));
        Scores.Arena.Read(Scores.Offset, Room(scores, ScoreRows * head.Classes, nameof(scores)));
    }

    /// <inheritdoc/>
    private protected override double SumLosses() => examples.Losses.Sum(LossCount);

    /// <inheritdoc/>
    private protected override void CopyLosses(Span<float> destination)
    {
    }

    /// <inheritdoc/>
    protected sealed override void ComputeLogits(int firstRow, int rows) =>
        throw new InvalidOperationException($"{Model.Description.Name} predicts no tokens.");

    private int LossCount => head.Kind == TaskKind.QuestionAnswering ? SpanEndCount : ScoreRows;

    private int ScoreRows => head.Kind switch
    {
        TaskKind.TokenClassification => LabelledCount,
        TaskKind.QuestionAnswering => RowCount,
        _ => Examples,
    };

    private void SetSequences(
        int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, int averageOver, int labelled = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(averageOver);
        var count = examples.Count(lengths.Length);
        Batch.Check(lengths.Length, length, Model.Description, tokens, lengths);
        examples.Check(length, tokens, tokenTypes, lengths);
        BeginBatch(lengths.Length, length, tokens, lengths);
        examples.Write(length, tokenTypes, lengths);
        (Examples, LabelledCount) = (count, labelled);
        examples.WriteWeights(LossCount, averageOver);
    }
}
