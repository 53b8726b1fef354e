using System.Globalization;
using GptGen.Training;

namespace GptGen.Checkpoints;

/// <summary>What a training run needs, beside weights and moments, to go on exactly where it stopped.</summary>
public sealed record TrainingState
{
    internal const string OptionsKey = "options";

    private const string BestStepKey = "best_step";
    private const string UnevaluatedKey = "unevaluated";
    private const string SharesKey = "shares";

    /// <summary>Optimiser steps done.</summary>
    public required long Step { get; init; }

    /// <summary>The seed that all random streams are keyed by, together with the step.</summary>
    public required uint Seed { get; init; }

    /// <summary>Where the next batch comes from, as the source of the data counts.</summary>
    public required long DataPosition { get; init; }

    /// <summary>Parts of a step whose gradients are summed up in a tree of their own: <see cref="TrainingOptions.Shares"/>.</summary>
    public int Shares { get; init; } = 1;

    /// <summary>The run's options as JSON, kept as they are.</summary>
    public string Options { get; init; } = "{}";

    /// <summary>The best validation loss so far, in nats per token; infinite before the first evaluation.</summary>
    public double BestLoss { get; init; } = double.PositiveInfinity;

    /// <summary>The step after which it was measured; 0 before the first evaluation.</summary>
    public long BestStep { get; init; }

    /// <summary>The last step where its evaluation was interrupted, to be made up; otherwise null.</summary>
    public TrainingProgress? Unevaluated { get; init; }

    internal Dictionary<string, string> ToMetadata()
    {
        var metadata = new Dictionary<string, string>
        {
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
            ["data_position"] = DataPosition.ToString(CultureInfo.InvariantCulture),
            [OptionsKey] = Options,
            ["best_loss"] = Format(BestLoss),
            [BestStepKey] = BestStep.ToString(CultureInfo.InvariantCulture),
        };
        if (Shares > 1)
            metadata[SharesKey] = Shares.ToString(CultureInfo.InvariantCulture);
        if (Unevaluated is { } step)
            metadata[UnevaluatedKey] = $"{Format(step.Loss)} {Format(step.GradientNorm)} {Format(step.LearningRate)} {Format(step.Seconds)}";
        return metadata;
    }

    /// <exception cref="GptGenException">A value is missing or no number: not a training checkpoint.</exception>
    internal static TrainingState FromMetadata(IReadOnlyDictionary<string, string> metadata, string path)
    {
        if (metadata.TryGetValue("step", out var step) && long.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var stepNumber)
            && metadata.TryGetValue("seed", out var seed) && uint.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var seedNumber)
            && metadata.TryGetValue("data_position", out var position)
            && long.TryParse(position, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var positionNumber)
            && metadata.TryGetValue(OptionsKey, out var options)
            && metadata.TryGetValue("best_loss", out var loss) && TryParse(loss, out var lossNumber) && !double.IsNaN(lossNumber)
            && TryParseBestStep(metadata.GetValueOrDefault(BestStepKey), stepNumber, out var bestStep)
            && TryParseShares(metadata.GetValueOrDefault(SharesKey), out var shares)
            && TryParseStep(metadata.GetValueOrDefault(UnevaluatedKey), stepNumber, out var unevaluated))
        {
            return new()
            {
                Step = stepNumber,
                Seed = seedNumber,
                DataPosition = positionNumber,
                Options = options,
                BestLoss = lossNumber,
                BestStep = bestStep,
                Unevaluated = unevaluated,
                Shares = shares,
            };
        }

        throw new GptGenException($"'{path}' is not a training checkpoint: it lacks the state of a run. Name a run folder or one of its step files.");
    }

    private static string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static bool TryParse(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>Checkpoints from before there was this entry do not say: patience begins anew with them.</summary>
    private static bool TryParseBestStep(string? text, long step, out long best)
    {
        best = step;
        return text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out best) && best <= step);
    }

    private static bool TryParseShares(string? text, out int shares)
    {
        shares = 1;
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out shares) && shares >= 1);
    }

    private static bool TryParseStep(string? text, long step, out TrainingProgress? progress)
    {
        progress = null;
        if (text is null)
            return true;
        if (step is < 1 or > int.MaxValue || text.Split(' ') is not [var first, var second, var third, var fourth]
            || !TryParse(first, out var loss) || !TryParse(second, out var norm) || !TryParse(third, out var rate)
            || !TryParse(fourth, out var seconds)
            || !double.IsFinite(loss + norm + rate + seconds))
        {
            return false;
        }

        progress = new((int)step, loss, norm, rate, seconds, null);
        return true;
    }
}
