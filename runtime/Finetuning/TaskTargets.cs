namespace GptGen.Finetuning;

/// <summary>
/// What a task's examples are to be answered with: labels (<see cref="LabelSet"/>), grades (<see cref="GradeScale"/>), tags of their words
/// (<see cref="TagSet"/>), or spans of their texts (<see cref="AnswerSpans"/>).
/// </summary>
public abstract class TaskTargets
{
    private protected TaskTargets()
    {
    }

    /// <summary>Scores of an example that are used: one a label, or one grade. The head may have more.</summary>
    public abstract int Outputs { get; }

    /// <summary>Whether the answers are numbers, of which correlations can be taken.</summary>
    public abstract bool AreNumbers { get; }

    /// <summary>An example's framed sequences with its answer.</summary>
    /// <exception cref="GptGenException">The answer is not one of these; the message names its source.</exception>
    internal abstract EncodedExample Answered(int[][] sequences, TaskExample example);

    /// <summary>Whether a label is one of these answers.</summary>
    internal abstract bool Knows(string label);

    /// <summary>
    /// Examples whose labels need not be known, as those to be predicted: what is none of these answers, such as the -1 of tests without labels, is
    /// passed over.
    /// </summary>
    /// <param name="examples">The examples.</param>
    /// <param name="note">Told that nothing can be measured where some examples have a label and others not.</param>
    public virtual IReadOnlyList<TaskExample> PassOverUnknown(IReadOnlyList<TaskExample> examples, Action<string>? note = null)
    {
        var hasPlaceholder = IsPlaceholder(examples);
        bool IsKnown(TaskExample example) => example.Label is { } label && !hasPlaceholder && Knows(label);
        var known = examples.Count(IsKnown);
        if (known == examples.Count)
            return examples;
        var unknown = examples.FirstOrDefault(example => example.Label is not null && !IsKnown(example));
        if (known > 0 || unknown is not null)
        {
            var example = unknown is null ? "" : $", such as '{MessageText.Shorten(unknown.Label!)}' of {unknown.Source}";
            note?.Invoke($"{examples.Count - known} of {examples.Count} examples have no label that training had{example}: nothing is measured");
        }

        return [.. examples.Select(example => IsKnown(example) ? example : example with { Label = null })];
    }

    /// <summary>Whether the labels of some examples stand in the place of ones that are not known.</summary>
    private protected virtual bool IsPlaceholder(IReadOnlyList<TaskExample> examples) => false;

    /// <summary>Counts how well labelled examples are predicted.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="predictions">What <see cref="TaskPredictor.Predict"/> gave for them.</param>
    /// <exception cref="GptGenException">An example has no answer.</exception>
    public TaskMetrics Measure(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions) =>
        examples.All(static example => example.IsLabelled)
            ? MeasureLabelled(examples, predictions)
            : throw new GptGenException("Examples without a label cannot be evaluated: give a file whose every line has one.");

    private protected abstract TaskMetrics MeasureLabelled(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions);
}
