using System.Text.Json;
using System.Text.Json.Serialization;

namespace GptGen.Models.Comparison;

/// <summary>What is measured of a system, in the table's order.</summary>
[JsonConverter(typeof(MeasureConverter))]
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

    /// <summary>Tokens a second of whole training steps.</summary>
    TrainingRate,

    /// <summary>Tokens a second of a forward pass with its loss.</summary>
    ReadingRate,

    /// <summary>Megabytes that training takes, by the plan of the compiler, in f32.</summary>
    TrainingMemory,
}

/// <summary>Measures in JSON: perplexity_per_byte.</summary>
internal sealed class MeasureConverter() : JsonStringEnumConverter<Measure>(JsonNamingPolicy.SnakeCaseLower);
