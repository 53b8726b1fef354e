namespace GptGen.Models.Commands;

/// <summary>The running mean of a run's noisy losses, as shown and plotted.</summary>
internal sealed class SmoothLoss
{
    private const double Weight = 0.05;
    private double mean = double.NaN;

    /// <summary>Takes a step's loss and gives the mean so far.</summary>
    internal double Add(double loss) => mean = double.IsNaN(mean) ? loss : ((1 - Weight) * mean) + (Weight * loss);
}
