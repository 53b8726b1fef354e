using GptGen.Training;

namespace GptGen.Finetuning;

/// <summary>What the best checkpoint is chosen by, on the validation examples.</summary>
public enum BestBy
{
    /// <summary>Share of right labels.</summary>
    Accuracy,

    /// <summary><see cref="TaskMetrics.F1"/>.</summary>
    F1,

    /// <summary>Matthews' correlation.</summary>
    Matthews,

    /// <summary>Pearson's correlation; labels must be numbers.</summary>
    Pearson,

    /// <summary>Spearman's correlation; labels must be numbers.</summary>
    Spearman,

    /// <summary>The smallest loss.</summary>
    Loss,
}

/// <summary>The options of fine-tuning. Defaults are GPT-1's recipe (Radford et al. 2018, section 4.1).</summary>
public sealed record FinetuningOptions
{
    /// <summary>Times that every example is seen, at most.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Examples of an optimiser step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Examples computed at once, whose gradients are added up to a step's: less memory; 0 means the whole batch.</summary>
    public int MicroBatch { get; init; }

    /// <summary>
    /// Parts of a step, as many as processes or a power of two times as many, whose gradients are summed up in a tree of their own: results follow
    /// from their number and not from that of processes. With 1 a step is computed as a whole.
    /// </summary>
    public int Shares { get; init; } = 1;

    /// <summary>The most tokens of a sequence, its special tokens included.</summary>
    public required int Length { get; init; }

    /// <summary>The learning rate after warm-up; it falls linearly to 0.</summary>
    public double LearningRate { get; init; } = 6.25e-5;

    /// <summary>Share of all steps in which the rate rises.</summary>
    public double Warmup { get; init; } = 0.002;

    /// <summary>AdamW's decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Decoupled weight decay, on matrices only.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Probability of dropping an element, the classifier's included.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>The largest gradient norm; 0 means no clipping.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>Weight of the language model's loss beside the task's; null for the head's own.</summary>
    public double? LanguageModelWeight { get; init; }

    /// <summary>Evaluations of an epoch, evenly spaced.</summary>
    public int EvaluationsPerEpoch { get; init; } = 1;

    /// <summary>Evaluations in a row without a better result after which training stops; 0 means never.</summary>
    public int Patience { get; init; }

    /// <summary>What the best checkpoint is chosen by; null for accuracy, Pearson's correlation of grades, or F1 of tags and answers.</summary>
    public BestBy? BestBy { get; init; }

    /// <summary>The seed of the examples' order and of dropout.</summary>
    public uint Seed { get; init; } = 1337;

    /// <summary>Examples of a forward and backward pass.</summary>
    public int ExamplesAtOnce => CutOf(Batch).AtOnce;

    /// <summary>How a step of some examples goes into micro-batches.</summary>
    internal BatchCut CutOf(int examples) => BatchCut.Of(1, Math.Min(examples, Batch), Shares, MicroBatch == 0 ? Batch : MicroBatch);

    /// <summary>The same as the optimiser takes it.</summary>
    internal TrainingOptions ForSteps(int steps) => new()
    {
        Steps = steps,
        LearningRate = LearningRate,
        MinimumLearningRate = 0,
        Schedule = ScheduleKind.Linear,
        Warmup = (int)(Warmup * steps),
        Beta2 = Beta2,
        WeightDecay = WeightDecay,
        Clip = Clip,
        Dropout = Dropout,
        Seed = Seed,
        Shares = Shares,
    };

    /// <summary>Checks every number.</summary>
    /// <exception cref="GptGenException">One is out of range.</exception>
    public void Validate(ModelDescription model)
    {
        this.Require(Epochs >= 1, Epochs, "at least 1");
        this.Require(Batch >= 1, Batch, "at least 1");
        this.Require(MicroBatch >= 0, MicroBatch, "at least 0");
        this.Require(Shares >= 1 && Shares <= Batch, Shares, $"between 1 and the number of FinetuningOptions.Batch, {Batch}");
        this.Require(Length >= 4 && Length <= model.Context, Length, $"between 4 and the context of {model.Name}, {model.Context}");
        this.Require(
            (long)ExamplesAtOnce * (model.Head?.SequencesPerExample ?? 1) * Length <= int.MaxValue / 4, Batch,
            "smaller, or FinetuningOptions.MicroBatch be given");
        this.Require(LearningRate is > 0 and <= float.MaxValue, LearningRate, "above 0 and a 32-bit number");
        this.Require(Warmup is >= 0 and <= 1, Warmup, "between 0 and 1: a share of all steps");
        this.Require(Beta2 is >= 0 and < 1, Beta2, "at least 0 and below 1");
        this.Require(WeightDecay is >= 0 and <= float.MaxValue, WeightDecay, "at least 0 and a 32-bit number");
        this.Require(Dropout is >= 0 and < 1, Dropout, "at least 0 and below 1");
        this.Require(Clip is >= 0 and <= float.MaxValue, Clip, "at least 0 (no clipping) and a 32-bit number");
        this.Require(LanguageModelWeight is null or (>= 0 and <= float.MaxValue), LanguageModelWeight, "at least 0");
        this.Require(
            LanguageModelWeight is null or 0 || model.Head is null or { Tokens: not null }, LanguageModelWeight,
            $"left out: {model.Name} predicts no tokens beside the task");
        this.Require(EvaluationsPerEpoch >= 1, EvaluationsPerEpoch, "at least 1");
        this.Require(Patience >= 0, Patience, "at least 0");
    }
}
