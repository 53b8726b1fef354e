namespace GptGen.Models.Comparison;

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
