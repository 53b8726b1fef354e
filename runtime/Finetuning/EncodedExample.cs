namespace GptGen.Finetuning;

/// <summary>An example as a model reads it.</summary>
/// <param name="Sequences">Its framed sequences (<c>Encode</c> of <see cref="TaskHead"/>).</param>
/// <param name="Label">The number of its label; -1 where it is not known, or the task has grades.</param>
public sealed record EncodedExample(int[][] Sequences, int Label)
{
    /// <summary>Of which text each token of the sequences is, where the model has token types; empty where it has none.</summary>
    public int[][] TokenTypes { get; init; } = [];

    /// <summary>Its grade as a graded head learns it (<see cref="GradeScale"/>); NaN where it is not known, or the task has labels.</summary>
    public float Grade { get; init; } = float.NaN;

    /// <summary>Of a text whose tokens have labels, the positions of these tokens in its one sequence.</summary>
    public int[] Positions { get; init; } = [];

    /// <summary>The number of the label at each of the positions; -1 where it is not known.</summary>
    public int[] TokenLabels { get; init; } = [];

    /// <summary>Whether its label or grade, or every token's label, is known.</summary>
    public bool IsLabelled => Label >= 0 || !float.IsNaN(Grade) || (Positions.Length > 0 && !TokenLabels.Contains(-1));

    /// <summary>Losses that it has.</summary>
    internal int LossCount => Math.Max(1, Positions.Length);

    /// <summary>Tokens of the longest sequence.</summary>
    public int Length { get; } = Sequences.Max(static sequence => sequence.Length);
}
