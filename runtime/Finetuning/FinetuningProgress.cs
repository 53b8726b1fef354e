namespace GptGen.Finetuning;

/// <summary>What one step of fine-tuning gave.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Loss">The step's whole loss before the update: the task's and the language model's part.</param>
/// <param name="TaskLoss">The task's part: nats, or the squared error of grades in units of their variance.</param>
/// <param name="Validation">The validation examples' metrics after the step, or null when the step does not evaluate.</param>
/// <param name="IsBest">Whether that evaluation was the best so far, and its weights were kept.</param>
public readonly record struct FinetuningProgress(int Step, int Steps, double Loss, double TaskLoss, TaskMetrics? Validation, bool IsBest)
{
    /// <summary>Epochs done, with a fraction.</summary>
    public required double Epoch { get; init; }
}
