namespace GptGen.Models.Comparison;

/// <summary>A system that the article speaks of, as a model of the zoo that is about as large as the others, and how it is trained.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Model">The model, as <see cref="Zoo"/> has it.</param>
/// <param name="Batch">Sequences of a step, pairs of an encoder-decoder.</param>
/// <param name="Length">Tokens of a sequence.</param>
/// <param name="LearningRate">The rate at its highest.</param>
internal sealed record Contender(string Title, string Model, int Batch, int Length, double LearningRate)
{
    /// <summary>Every system, in the table's order.</summary>
    internal static IReadOnlyList<Contender> All { get; } =
    [
        new("GPT-1", "gpt1-mini-4k", 8, 256, 2e-3),
        new("GPT-2", "gpt2-tiny-4k", 8, 256, 2e-3),
        new("BERT", "bert-mini-4k", 16, 128, 1e-3),
        new("Transformer-XL", "txl-mini-4k", 16, 128, 2e-3),
        new("Encoder-decoder", "seq2seq-mini-4k", 64, 64, 3e-3),
    ];

    /// <summary>Rows that each layer of a segment model keeps, in training and in evaluation.</summary>
    internal const int Memory = 256;

    /// <summary>The model's entry.</summary>
    internal ZooEntry Entry => Zoo.Find(Model);

    /// <summary>Why it has no number for a measure; null where it has one.</summary>
    internal string? Lack(Measure measure) => Entry.Kind switch
    {
        ModelKind.Masked when measure is Measure.PerplexityPerByte or Measure.BitsPerByte =>
            "sees both sides of what it predicts, so that its probabilities of tokens are none of a text",
        ModelKind.Masked when measure is Measure.ZeroShotChoice or Measure.ZeroShotEntailment => "gives texts no likelihood",
        ModelKind.Segment when measure is >= Measure.Entailment and <= Measure.Similarity => "has no task head here",
        ModelKind.Segment when measure is Measure.ZeroShotChoice or Measure.ZeroShotEntailment => "is not asked: choosing by prompt is the GPTs'",
        ModelKind.Translation when measure is Measure.PerplexityPerByte or Measure.BitsPerByte =>
            "predicts a name from its summary, not running text",
        ModelKind.Translation when measure is Measure.Entailment or Measure.Classification or Measure.Similarity => "has no task head here",
        ModelKind.Translation when measure is Measure.ZeroShotChoice or Measure.ZeroShotEntailment =>
            "was trained on the pairs of summary and name that these ask for; its choice is by their likelihood",
        _ => null,
    };
}

/// <summary>What is measured of a system, in the table's order.</summary>
internal enum Measure
{
    /// <summary>Number of parameters.</summary>
    Parameters,

    /// <summary>exp of the mean negative log-likelihood of a byte of held-out text.</summary>
    PerplexityPerByte,

    /// <summary>The same as bits.</summary>
    BitsPerByte,

    /// <summary>Accuracy of entailment after fine-tuning.</summary>
    Entailment,

    /// <summary>Accuracy of multiple choice after fine-tuning; of an encoder-decoder by the likelihood of each choice.</summary>
    Choice,

    /// <summary>Accuracy of classification after fine-tuning.</summary>
    Classification,

    /// <summary>Accuracy of similarity after fine-tuning.</summary>
    Similarity,

    /// <summary>Accuracy of entailment by likelihood, without fine-tuning.</summary>
    ZeroShotEntailment,

    /// <summary>Accuracy of multiple choice by likelihood, without fine-tuning.</summary>
    ZeroShotChoice,

    /// <summary>Tokens a second, forward and backward.</summary>
    TrainingRate,

    /// <summary>Tokens a second, forward alone.</summary>
    ReadingRate,

    /// <summary>Megabytes that training takes, by the plan of the compiler.</summary>
    TrainingMemory,
}
