using GptGen.Finetuning;

namespace GptGen;

/// <summary>
/// The training graph of a model with a task head. <see cref="SetExamples"/> sets a batch of the task, whose loss is the mean of the examples'
/// task losses + <see cref="LanguageModelWeight"/> x the mean over sequences of each sequence's mean next-token loss;
/// <see cref="LanguageTrainingGraph.SetBatch"/> sets plain text, to which the head adds nothing. Nothing is allocated after the constructor.
/// </summary>
public abstract class TaskTrainingGraph : LanguageTrainingGraph, ITaskTraining
{
    private readonly TaskHead head;
    private readonly ExampleInputs examples;
    private readonly int[] targets;
    private readonly float[] weights;

    /// <inheritdoc/>
    protected TaskTrainingGraph(TaskModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs)
        : base(model, sequences, length, inputs)
    {
        head = model.Head;
        examples = new(Inputs, model.Description, sequences, Capacity);
        targets = new int[Capacity];
        weights = new float[Capacity];
        LanguageModelWeight = head.LanguageModelWeight;
    }

    /// <summary>Weight of the language model's loss in batches set from now on (the paper's lambda); the specification's unless set.</summary>
    public float LanguageModelWeight { get; set; }

    /// <summary>Examples of the current batch; 0 for plain text.</summary>
    public int Examples { get; private set; }

    TrainingGraph ITaskTraining.Graph => this;

    /// <summary>Rows that the head projects.</summary>
    protected int PooledCount => Examples * head.PooledRowsPerExample;

    /// <summary>Sequences of the examples.</summary>
    protected int MemberCount => Examples * head.SequencesPerExample;

    /// <summary>
    /// Sets a batch of the task. <paramref name="tokens"/> is [sequences, length], an example's sequences (<c>TaskHead.Encode</c>) one after
    /// the other, padded behind their <paramref name="lengths"/> with any valid token; <paramref name="labels"/> has one class or choice an example.
    /// <paramref name="averageOver"/> is the number of examples that the means run over, when this is one micro-batch of several; 0 means
    /// those of this batch.
    /// </summary>
    /// <exception cref="GptGenException">
    /// A token or label is out of range, a sequence lacks its classify token, the batch does not fit, or the head is graded.
    /// </exception>
    public void SetExamples(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> labels, int averageOver = 0)
    {
        using var call = Enter();
        examples.CheckLabels(labels, examples.Count(lengths.Length));
        SetSequences(length, tokens, lengths, averageOver);
        examples.WriteLabels(labels);
    }

    /// <summary>
    /// Sets a batch of a graded head's task: as <see cref="SetExamples"/>, but <paramref name="grades"/> has one real number an example, to which
    /// squared error draws its score. Grades with a mean near 0 and a deviation near 1 are learned soonest.
    /// </summary>
    /// <exception cref="GptGenException">
    /// A token is out of range or a grade no number, a sequence lacks its classify token, the batch does not fit, or the head is not graded.
    /// </exception>
    public void SetGradedExamples(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<float> grades, int averageOver = 0)
    {
        using var call = Enter();
        examples.CheckGrades(grades, examples.Count(lengths.Length));
        SetSequences(length, tokens, lengths, averageOver);
        examples.WriteGrades(grades);
    }

    void ITaskTraining.Set(ExampleBatch batch, int averageOver)
    {
        if (head.IsGraded)
            SetGradedExamples(batch.Length, batch.Tokens, batch.Lengths, batch.Grades, averageOver);
        else
            SetExamples(batch.Length, batch.Tokens, batch.Lengths, batch.Labels, averageOver);
    }

    private void SetSequences(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, int averageOver)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(averageOver);
        var count = examples.Count(lengths.Length);
        Batch.Check(lengths.Length, length, Model.Description, tokens, lengths);
        examples.Check(length, tokens, [], lengths);
        var averaged = averageOver == 0 ? count : averageOver;
        SetNextTokens(length, tokens, lengths, averaged * head.SequencesPerExample);
        StoreBatch(lengths.Length, length, tokens, targets.AsSpan(0, tokens.Length), weights.AsSpan(0, tokens.Length), lengths);
        examples.Write(length, [], lengths);
        examples.WriteWeights(count, averaged);
        Examples = count;
    }

    /// <inheritdoc/>
    private protected override void StoreBatch(
        int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, ReadOnlySpan<int> lengths)
    {
        base.StoreBatch(sequences, length, tokens, targets, weights, lengths);
        Examples = 0;
    }

    /// <summary>The whole loss: the task's and the language model's part. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The batch has no losses yet.</exception>
    public override double ReadLoss() => base.ReadLoss() + ReadTaskLoss();

    /// <summary>The task's part of the loss, the mean over its examples. Waits for the device.</summary>
    /// <inheritdoc cref="ReadLoss" path="/exception"/>
    public double ReadTaskLoss()
    {
        using var call = Enter();
        RequireLosses(nameof(ReadTaskLoss));
        return examples.Losses.Sum(Examples);
    }

    /// <summary>Copies the task's losses, one an example. Waits for the device.</summary>
    /// <inheritdoc cref="ReadLoss" path="/exception"/>
    public void ReadTaskLosses(Span<float> losses)
    {
        using var call = Enter();
        RequireLosses(nameof(ReadTaskLosses));
        examples.Losses.Read(Room(losses, Examples, nameof(losses)));
    }

    /// <summary>Copies the scores, [examples, classes]: logits of the labels or choices, or grades. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The batch has no activations yet.</exception>
    public void ReadScores(Span<float> scores)
    {
        using var call = Enter();
        RequireActivations(nameof(ReadScores));
        Scores.Arena.Read(Scores.Offset, Room(scores, Examples * head.Classes, nameof(scores)));
    }

    /// <summary>Where the scores are.</summary>
    protected abstract Location Scores { get; }

    /// <summary>
    /// Each token's successor in its sequence is its target; a sequence's losses weigh alike and together as every other sequence's.
    /// </summary>
    private void SetNextTokens(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, int sequences)
    {
        targets.AsSpan(0, tokens.Length).Fill(Device.IgnoredTarget);
        weights.AsSpan(0, tokens.Length).Clear();
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            var (start, count) = (sequence * length, lengths[sequence] - 1);
            if (count < 1)
                continue;
            tokens.Slice(start + 1, count).CopyTo(targets.AsSpan(start));
            weights.AsSpan(start, count).Fill(LanguageModelWeight / ((float)sequences * count));
        }
    }
}
