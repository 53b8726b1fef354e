namespace GptGen.Finetuning;

/// <summary>
/// Grades as a graded head learns them: less the mean and over the deviation of those in training, so that its first scores, near 0, are as good as
/// any constant, and the squared error begins at 1. Predictions come back on the user's scale.
/// </summary>
public sealed class GradeScale : TaskTargets
{
    /// <summary>A scale.</summary>
    /// <param name="mean">The grade that the model calls 0.</param>
    /// <param name="deviation">What the model calls 1, in grades.</param>
    /// <exception cref="GptGenException">They are no finite numbers, or the deviation is not above 0.</exception>
    public GradeScale(double mean, double deviation)
    {
        if (!double.IsFinite(mean) || !(deviation > 0 && double.IsFinite(deviation)))
            throw new GptGenException(
                FormattableString.Invariant(
                    $"Grades of mean {mean} and deviation {deviation} cannot be learned: give examples of at least two different grades."));
        (Mean, Deviation) = (mean, deviation);
    }

    /// <summary>The grade that the model calls 0.</summary>
    public double Mean { get; }

    /// <summary>What the model calls 1, in grades.</summary>
    public double Deviation { get; }

    /// <inheritdoc/>
    public override int Outputs => 1;

    /// <inheritdoc/>
    public override bool AreNumbers => true;

    /// <summary>The scale of the grades that occur in examples.</summary>
    /// <exception cref="GptGenException">A label is no number, or all are the same.</exception>
    public static GradeScale Of(IEnumerable<TaskExample> examples)
    {
        double[] grades = [.. examples.Where(static example => example.Label is not null).Select(Parse)];
        if (grades.Length == 0)
            throw new GptGenException("There are no grades to learn: give examples with numbers as labels.");
        var mean = grades.Average();
        return new(mean, Math.Sqrt(grades.Average(grade => (grade - mean) * (grade - mean))));
    }

    /// <summary>A score of the model as a grade.</summary>
    public double GradeOf(float score) => Mean + (score * Deviation);

    internal override EncodedExample Answered(int[][] sequences, TaskExample example) => new(sequences, -1)
    {
        Grade = example.Label is null ? float.NaN : (float)((Parse(example) - Mean) / Deviation),
    };

    internal override bool Knows(string label) => LabelKey.Number(label) is not null;

    // GLUE's tests have -1 in every line, which as a grade would be measured.
    private protected override bool IsPlaceholder(IReadOnlyList<TaskExample> examples) =>
        examples.All(static example => example.Label is null || LabelKey.Number(example.Label) is -1);

    private protected override TaskMetrics MeasureLabelled(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions)
    {
        double[] predicted = [.. predictions.Select(prediction => GradeOf(prediction[0]))];
        return TaskMetrics.OfGrades([.. examples.Select(example => GradeOf(example.Grade))], predicted);
    }

    private static double Parse(TaskExample example) => LabelKey.Number(example.Label!)
        ?? throw new GptGenException(
            $"{example.Source}: the label '{MessageText.Shorten(example.Label!)}' is no number such as 3.5: correct it, leave the line out, "
            + "or learn labels in place of grades.");
}
