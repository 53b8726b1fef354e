namespace GptGen.Finetuning;

/// <summary>An example as a model reads it.</summary>
/// <param name="Sequences">Its framed sequences (<see cref="TaskHead.Encode"/>).</param>
/// <param name="Label">The number of its label; -1 where it is not known, or the task has grades.</param>
public sealed record EncodedExample(int[][] Sequences, int Label)
{
    /// <summary>Its grade as a graded head learns it (<see cref="GradeScale"/>); NaN where it is not known, or the task has labels.</summary>
    public float Grade { get; init; } = float.NaN;

    /// <summary>Whether its label or grade is known.</summary>
    public bool IsLabelled => Label >= 0 || !float.IsNaN(Grade);

    /// <summary>Tokens of the longest sequence.</summary>
    public int Length { get; } = Sequences.Max(static sequence => sequence.Length);
}
