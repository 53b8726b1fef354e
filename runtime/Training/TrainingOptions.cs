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
        this.Require(Steps >= 1, Steps, "at least 1");
        this.Require(Batch >= 1, Batch, "at least 1");
        this.Require(Length >= 1 && Length <= model.Context, Length, $"between 1 and the context of {model.Name}, {model.Context}");
        this.Require((long)Batch * Length <= MostRows, Batch, $"at most {MostRows / Length} at a length of {Length}");
        this.Require(Accumulate >= 1, Accumulate, "at least 1");
        this.Require(Shares >= 1, Shares, "at least 1");
        this.Require(LearningRate is > 0 and <= float.MaxValue, LearningRate, "above 0 and a 32-bit number");
        this.Require(
            MinimumLearningRate >= 0 && MinimumLearningRate <= LearningRate, MinimumLearningRate,
            "between 0 and the learning rate");
        this.Require(Enum.IsDefined(Schedule), Schedule, "one of the known ones");
        this.Require(Warmup >= 0, Warmup, "at least 0");
        this.Require(Beta1 is >= 0 and < 1, Beta1, "at least 0 and below 1");
        this.Require(Beta2 is >= 0 and < 1, Beta2, "at least 0 and below 1");
        this.Require(Epsilon is > 0 and <= float.MaxValue, Epsilon, "above 0");
        this.Require(WeightDecay is >= 0 and <= float.MaxValue, WeightDecay, "at least 0 and a 32-bit number");
        this.Require(Dropout is >= 0 and < 1, Dropout, "at least 0 and below 1");
        this.Require(LabelSmoothing is >= 0 and < 1, LabelSmoothing, "at least 0 and below 1");
        if (LabelSmoothing > 0 && model.Cutoffs.Count > 0)
            throw new GptGenException($"TrainingOptions.LabelSmoothing is not for {model.Name}, whose softmax is adaptive: leave it out.");
        if (LabelSmoothing > 0 && model.Manifest.Any(static use => use.Operator == nameof(Device.SampledHeadLossBackward)))
            throw new GptGenException($"TrainingOptions.LabelSmoothing is not for {model.Name}, whose softmax is sampled: leave it out.");
        this.Require(Clip is >= 0 and <= float.MaxValue, Clip, "at least 0 (no clipping) and a 32-bit number");
        this.Require(EvaluateEvery >= 0, EvaluateEvery, "at least 0");
        this.Require(Patience >= 0, Patience, "at least 0 (never)");
        if (Patience > 0 && EvaluateEvery == 0)
            throw new GptGenException(
                "TrainingOptions.Patience counts evaluations on the way, of which TrainingOptions.EvaluateEvery 0 makes none: "
                + "give a number of steps.");
        this.Require(ValidationTokens is 0 or >= 2, ValidationTokens, "0 (all) or at least 2");
        this.Require(SaveEvery >= 0, SaveEvery, "at least 0");
        this.Require(Keep >= 1, Keep, "at least 1");
    }

    /// <summary>What of the data is evaluated on.</summary>
    internal TokenSource Validation(TokenDataset data) =>
        ValidationTokens > 0 && ValidationTokens < data.Validation.Count ? data.Validation.Slice(0, ValidationTokens) : data.Validation;
}
