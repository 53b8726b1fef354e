namespace GptGen.Models.Commands;

/// <summary>How far an evaluation is.</summary>
/// <param name="unit">What is counted.</param>
/// <param name="total">How many there are.</param>
internal sealed class EvaluationProgress(string unit, long total)
{
    private readonly ProgressLine line = new();

    /// <summary>Tells how far it is.</summary>
    internal void Show(long done, Func<string> measure) => line.Show(() =>
    {
        var elapsed = line.Elapsed;
        return FormattableString.Invariant(
            $"{done}/{total} {unit}  {measure()}  {done / elapsed:N1} {unit}/s  {TrainingDisplay.Duration(elapsed / done * (total - done))} left");
    });

    /// <summary>Takes the line away.</summary>
    internal void End() => line.End();
}
