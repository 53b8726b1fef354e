namespace GptGen.Training;

/// <summary>What a run's log says about one step.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Loss">Mean cross-entropy of the step's tokens before the update, in nats.</param>
/// <param name="ValidationLoss">Mean cross-entropy over the validation split after the step, or null when the step did not evaluate.</param>
public readonly record struct LoggedStep(int Step, double Loss, double? ValidationLoss);
