using GptGen.Text;

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

    /// <summary>Of a question, the position of its answer's first token; 0 where this part of the context has none.</summary>
    public int Start { get; init; }

    /// <summary>The position of its answer's last token.</summary>
    public int End { get; init; }

    /// <summary>Whether its label or grade, or every token's label, or its answers are known.</summary>
    public bool IsLabelled => Label >= 0 || !float.IsNaN(Grade) || HasAnswers || (Positions.Length > 0 && !TokenLabels.Contains(-1));

    /// <summary>Whether a question's answers are known.</summary>
    internal bool HasAnswers { get; init; }

    /// <summary>The words of a question's context.</summary>
    internal IReadOnlyList<ContextPlace> Places { get; init; } = [];

    /// <summary>Where several sequences come from one example, or predictions are told in its terms: the example.</summary>
    internal TaskExample? Source { get; init; }

    /// <summary>The words that its tokens are, of which characters are read in their place; null for a model that reads tokens.</summary>
    internal TextWords? Words { get; init; }

    /// <summary>Losses that it has.</summary>
    internal int LossCount => Math.Max(1, Positions.Length);

    /// <summary>Tokens of the longest sequence.</summary>
    public int Length { get; } = Sequences.Max(static sequence => sequence.Length);
}
