namespace GptGen.Finetuning;

/// <summary>How well one label is predicted.</summary>
/// <param name="Label">The label.</param>
/// <param name="Support">Examples that have it.</param>
/// <param name="Precision">Share of its predictions that are right; 0 where it is never predicted.</param>
/// <param name="Recall">Share of its examples that are found; 0 where there are none.</param>
public readonly record struct ClassMetrics(string Label, int Support, double Precision, double Recall)
{
    /// <summary>The harmonic mean of precision and recall; 0 where both are.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;
}
