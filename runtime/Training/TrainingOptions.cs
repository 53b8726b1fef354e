using System.Text.Json.Serialization;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>A training run's options. Defaults are nanoGPT's small recipe.</summary>
public sealed record TrainingOptions
{
    // Row numbers, and three times as many, are 32-bit integers.
    private const int MostRows = int.MaxValue / 4;

    /// <summary>Optimiser steps of the whole run.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Sequences of a micro-batch, B.</summary>
    public int Batch { get; init; } = 12;

    /// <summary>Tokens of a sequence, T.</summary>
    public int Length { get; init; } = 64;

    /// <summary>Micro-batches of a step, whose gradients are averaged.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>
    /// Parts of a step, as many as processes or a power of two times as many, whose gradients are summed up in a tree of their own: results follow
    /// from their number and not from that of processes. 1 is the sum in the order of the micro-batches. A checkpoint holds it apart from the rest.
    /// </summary>
    [JsonIgnore]
    public int Shares { get; init; } = 1;

    /// <summary>The learning rate after warm-up.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The learning rate at the end.</summary>
    public double MinimumLearningRate { get; init; } = 1e-4;

    /// <summary>How the learning rate falls.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Steps of linear rise.</summary>
    public int Warmup { get; init; } = 100;

    /// <summary>AdamW's decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>AdamW's epsilon.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, on matrices only.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Probability of dropping an element.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// The share of every token in what is learned for a predicted one, from 0 to 1; the training loss is the smoothed one, that of evaluation never
    /// is. See <see cref="Device"/>'s <c>HeadLoss</c>.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The largest gradient norm; 0 means no clipping.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>Steps from one evaluation to the next; 0 means only at the end.</summary>
    public int EvaluateEvery { get; init; } = 250;

    /// <summary>
    /// Evaluations in a row without a lower validation loss than before after which the run ends; 0 for a run that never ends early.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>The most tokens of the validation split that an evaluation reads, from its beginning; 0 means all.</summary>
    public int ValidationTokens { get; init; }

    /// <summary>Steps from one checkpoint to the next; 0 means only at the end.</summary>
    public int SaveEvery { get; init; } = 500;

    /// <summary>Checkpoints that are kept.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>The seed of initial weights, batches and dropout.</summary>
    public uint Seed { get; init; } = 1337;

    /// <summary>The learning rate of each step.</summary>
    public LearningRateSchedule LearningRates => new(Schedule, LearningRate, MinimumLearningRate, Warmup, Steps);

    /// <summary>Checks every number.</summary>
    /// <exception cref="GptGenException">One is out of range.</exception>
    public void Validate(ModelDescription model)
    {
        Require(Steps >= 1, "steps", Steps, "at least 1");
        Require(Batch >= 1, "batch", Batch, "at least 1");
        Require(Length >= 1 && Length <= model.Context, "length", Length, $"between 1 and the context of {model.Name}, {model.Context}");
        Require((long)Batch * Length <= MostRows, "batch", Batch, $"at most {MostRows / Length} at a length of {Length}");
        Require(Accumulate >= 1, "accumulate", Accumulate, "at least 1");
        Require(Shares >= 1, "shares", Shares, "at least 1");
        Require(LearningRate is > 0 and <= float.MaxValue, "learning-rate", LearningRate, "above 0 and a 32-bit number");
        Require(
            MinimumLearningRate >= 0 && MinimumLearningRate <= LearningRate, "minimum-learning-rate", MinimumLearningRate,
            "between 0 and the learning rate");
        Require(Enum.IsDefined(Schedule), "schedule", Schedule, "one of the known ones");
        Require(Warmup >= 0, "warmup", Warmup, "at least 0");
        Require(Beta1 is >= 0 and < 1, "beta1", Beta1, "at least 0 and below 1");
        Require(Beta2 is >= 0 and < 1, "beta2", Beta2, "at least 0 and below 1");
        Require(Epsilon is > 0 and <= float.MaxValue, "epsilon", Epsilon, "above 0");
        Require(WeightDecay is >= 0 and <= float.MaxValue, "weight-decay", WeightDecay, "at least 0 and a 32-bit number");
        Require(Dropout is >= 0 and < 1, "dropout", Dropout, "at least 0 and below 1");
        Require(LabelSmoothing is >= 0 and < 1, "label-smoothing", LabelSmoothing, "at least 0 and below 1");
        if (LabelSmoothing > 0 && model.Cutoffs.Count > 0)
            throw new GptGenException($"--label-smoothing is not for {model.Name}, whose softmax is adaptive: leave it out.");
        if (LabelSmoothing > 0 && model.Manifest.Any(static use => use.Operator == nameof(Device.SampledHeadLossBackward)))
            throw new GptGenException($"--label-smoothing is not for {model.Name}, whose softmax is sampled: leave it out.");
        Require(Clip is >= 0 and <= float.MaxValue, "clip", Clip, "at least 0 (no clipping) and a 32-bit number");
        Require(EvaluateEvery >= 0, "evaluate-every", EvaluateEvery, "at least 0");
        Require(Patience >= 0, "patience", Patience, "at least 0 (never)");
        if (Patience > 0 && EvaluateEvery == 0)
            throw new GptGenException("--patience counts evaluations on the way, of which --evaluate-every 0 makes none: give a number of steps.");
        Require(ValidationTokens is 0 or >= 2, "validation-tokens", ValidationTokens, "0 (all) or at least 2");
        Require(SaveEvery >= 0, "save-every", SaveEvery, "at least 0");
        Require(Keep >= 1, "keep", Keep, "at least 1");
    }

    /// <summary>What of the data is evaluated on.</summary>
    internal TokenSource Validation(TokenDataset data) =>
        ValidationTokens > 0 && ValidationTokens < data.Validation.Count ? data.Validation.Slice(0, ValidationTokens) : data.Validation;

    private static void Require(bool holds, string option, object value, string range)
    {
        if (!holds)
            throw new GptGenException(FormattableString.Invariant($"--{option} is {value}, but must be {range}."));
    }
}
