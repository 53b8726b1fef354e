namespace GptGen.Finetuning;

/// <summary>What a task's examples are to be answered with: labels (<see cref="LabelSet"/>) or grades (<see cref="GradeScale"/>).</summary>
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
