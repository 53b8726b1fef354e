using System.Globalization;

namespace GptGen.Checkpoints;

/// <summary>What a training run needs, beside weights and moments, to go on exactly where it stopped.</summary>
public sealed record TrainingState
{
    internal const string OptionsKey = "options";

    /// <summary>Optimiser steps done.</summary>
    public required long Step { get; init; }

    /// <summary>The seed that all random streams are keyed by, together with the step.</summary>
    public required uint Seed { get; init; }

    /// <summary>Where the next batch comes from, as the source of the data counts.</summary>
    public required long DataPosition { get; init; }

    /// <summary>The run's options as JSON, kept as they are.</summary>
    public string Options { get; init; } = "{}";

    /// <summary>The best validation loss so far, in nats per token; infinite before the first evaluation.</summary>
    public double BestLoss { get; init; } = double.PositiveInfinity;

    internal Dictionary<string, string> ToMetadata() => new()
    {
        ["step"] = Step.ToString(CultureInfo.InvariantCulture),
        ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
        ["data_position"] = DataPosition.ToString(CultureInfo.InvariantCulture),
        [OptionsKey] = Options,
        ["best_loss"] = BestLoss.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <exception cref="GptGenException">A value is missing or no number: not a training checkpoint.</exception>
    internal static TrainingState FromMetadata(IReadOnlyDictionary<string, string> metadata, string path)
    {
        if (metadata.TryGetValue("step", out var step) && long.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var stepNumber)
            && metadata.TryGetValue("seed", out var seed) && uint.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var seedNumber)
            && metadata.TryGetValue("data_position", out var position)
            && long.TryParse(position, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var positionNumber)
            && metadata.TryGetValue(OptionsKey, out var options)
            && metadata.TryGetValue("best_loss", out var loss) && double.TryParse(loss, NumberStyles.Float, CultureInfo.InvariantCulture, out var lossNumber))
        {
            return new() { Step = stepNumber, Seed = seedNumber, DataPosition = positionNumber, Options = options, BestLoss = lossNumber };
        }

        throw new GptGenException($"'{path}' is not a training checkpoint: it lacks the state of a run. Name a run folder or one of its step files.");
    }
}
