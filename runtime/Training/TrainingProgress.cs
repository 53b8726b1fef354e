namespace GptGen.Training;

/// <summary>What one step gave.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Loss">Mean cross-entropy of the step's tokens before the update, in nats.</param>
/// <param name="GradientNorm">Norm of the gradients before clipping.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="Seconds">Time of the step.</param>
/// <param name="ValidationLoss">Mean cross-entropy over the whole validation split after the step, or null when the step does not evaluate.</param>
public readonly record struct TrainingProgress(
    int Step, double Loss, double GradientNorm, double LearningRate, double Seconds, double? ValidationLoss)
{
    /// <summary>Rows of the step's batches, padding among them.</summary>
    public long Rows { get; init; }

    /// <summary>What the step's evaluation measured beside the loss; null or empty where there is nothing.</summary>
    public IReadOnlyList<Metric>? Metrics { get; init; }
}
