using System.CommandLine;
using System.Globalization;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>
/// The options of a run that begins with given weights, where the command line leaves them out: a recipe for going on, which does not lose what the
/// weights know. Those of a new model would: their learning rate is many times what a trained one bears.
/// </summary>
/// <param name="isGiven">Whether the command line has an option, by its name.</param>
/// <param name="model">The model.</param>
internal sealed class GivenWeights(Func<string, bool> isGiven, ModelDescription model)
{
    /// <summary>
    /// The learning rate at GPT-2's smallest width, as fine-tuning mostly has it. Others take it in inverse proportion to their width, by which
    /// Adam's rate scales (Yang et al. 2022, "Tensor Programs V"), up to a limit: Adam's first steps are as long as the rate, however small the
    /// gradients.
    /// </summary>
    private const double RateAtWidth = 5e-5 * 768;

    private const double HighestRate = 1e-4;

    /// <summary>The learning rate at the end, of that after warm-up.</summary>
    private const double LastShare = 0.1;

    private const double WeightDecay = 0.01;

    /// <summary>Tokens of a step, as far as whole sequences allow.</summary>
    private const int TokensOfStep = 2048;

    /// <summary>How often the text is read, if the steps last: seen more often, a text is soon known by heart.</summary>
    private const int Passes = 3;

    private const int FewestSteps = 50;
    private const int MostSteps = 1000;
    private const int MostWarmup = 100;
    private const int Evaluations = 10;
    private const int Checkpoints = 5;
    private const int Patience = 5;

    /// <summary>An evaluation of a large model on a CPU should last no longer than a tenth of the steps.</summary>
    private const int ValidationTokens = 1 << 16;

    /// <summary>What is said of these options in the help of each; other options keep their defaults.</summary>
    internal static IReadOnlyDictionary<string, string> Help { get; } = new Dictionary<string, string>
    {
        ["--steps"] = FormattableString.Invariant($"{Passes} passes over the text, {FewestSteps} to {MostSteps} steps"),
        ["--batch"] = FormattableString.Invariant($"{TokensOfStep} tokens"),
        ["--learning-rate"] = FormattableString.Invariant($"{RateAtWidth:G3} / width, at most {HighestRate:0.####}"),
        ["--minimum-learning-rate"] = "a tenth of the learning rate",
        ["--warmup"] = FormattableString.Invariant($"a tenth of the steps, at most {MostWarmup}"),
        ["--weight-decay"] = WeightDecay.ToString(CultureInfo.InvariantCulture),
        ["--evaluate-every"] = "a tenth of the steps",
        ["--save-every"] = "a fifth of the steps",
        ["--patience"] = $"{Patience}",
        ["--validation-tokens"] = $"{ValidationTokens}",
    };

    /// <summary>The options of the run.</summary>
    /// <param name="options">What is given, and defaults of a new model.</param>
    /// <param name="tokens">Tokens to train on; null before they are read, as many as the most steps can take.</param>
    internal TrainingOptions Complete(TrainingOptions options, long? tokens = null)
    {
        T Or<T>(string option, T given, T otherwise) => isGiven(option) ? given : otherwise;

        var batch = Or("--batch", options.Batch, Math.Clamp(TokensOfStep / Math.Max(1, options.Length), 1, TrainCommand.DefaultBatch));
        var ofStep = Math.Max(1L, (long)batch * options.Length * options.Accumulate);
        var passes = tokens is { } count ? (((long)Passes * count) + ofStep - 1) / ofStep : MostSteps;
        var steps = Or("--steps", options.Steps, (int)Math.Clamp(passes, FewestSteps, MostSteps));
        var rate = Or("--learning-rate", options.LearningRate, RateOf(model.Width));
        return options with
        {
            Steps = steps,
            Batch = batch,
            LearningRate = rate,
            MinimumLearningRate = Or("--minimum-learning-rate", options.MinimumLearningRate, LastShare * rate),
            Warmup = Or("--warmup", options.Warmup, Math.Min(MostWarmup, steps / 10)),
            WeightDecay = Or("--weight-decay", options.WeightDecay, WeightDecay),
            EvaluateEvery = Or("--evaluate-every", options.EvaluateEvery, Math.Max(1, steps / Evaluations)),
            SaveEvery = Or("--save-every", options.SaveEvery, Math.Max(1, steps / Checkpoints)),
            // What an option rules out is no default beside it.
            Patience = Or("--patience", options.Patience, isGiven("--evaluate-every") && options.EvaluateEvery == 0 ? 0 : Patience),
            ValidationTokens = Or("--validation-tokens", options.ValidationTokens, ValidationTokens),
        };
    }

    /// <summary>What was chosen, as it would be typed.</summary>
    internal string Describe(TrainingOptions options)
    {
        (string Option, double Value)[] all =
        [
            ("--steps", options.Steps), ("--batch", options.Batch), ("--learning-rate", options.LearningRate),
            ("--minimum-learning-rate", options.MinimumLearningRate), ("--warmup", options.Warmup), ("--weight-decay", options.WeightDecay),
            ("--dropout", options.Dropout), ("--evaluate-every", options.EvaluateEvery), ("--save-every", options.SaveEvery),
            ("--patience", options.Patience), ("--validation-tokens", options.ValidationTokens),
        ];
        return string.Join(
            ' ',
            all.Where(pair => !isGiven(pair.Option)).Select(
                static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Option} {pair.Value:0.######}")));
    }

    /// <summary>Two digits are enough.</summary>
    private static double RateOf(int width)
    {
        var rate = Math.Min(HighestRate, RateAtWidth / width);
        var unit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - 1);
        return Math.Round(rate / unit) * unit;
    }
}
