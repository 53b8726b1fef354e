using System.Globalization;

namespace GptGen.Sampling;

/// <summary>
/// How the next token is chosen from a model's logits. The defaults draw from the model's own distribution. The steps apply in
/// Hugging Face's order: repetition penalty, temperature, top-k, top-p, min-p.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Always the most probable token.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits: below 1 favours probable tokens, above 1 evens out, 0 always takes the most probable one.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps this many of the most probable tokens; of equally probable ones the lower numbers. 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the fewest most probable tokens whose probabilities sum to at least this, in (0, 1]. 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps tokens with at least this part of the most probable one's probability, in [0, 1]. 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>Divides the positive logits of tokens that have occurred and multiplies their negative ones; 1 changes nothing.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Decides all draws: equal seeds and logits give equal tokens.</summary>
    public uint Seed { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    public void Validate()
    {
        Check(float.IsFinite(Temperature) && Temperature >= 0, "temperature", Temperature, "0 (greedy) or a positive number");
        Check(TopK >= 0, "top-k", TopK, "0 (all tokens) or a positive number");
        Check(TopP is > 0 and <= 1, "top-p", TopP, "a number above 0 and at most 1");
        Check(MinP is >= 0 and <= 1, "min-p", MinP, "a number from 0 to 1");
        Check(
            float.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0, "repetition penalty", RepetitionPenalty,
            "a positive number; 1 changes nothing");
    }

    private static void Check(bool valid, string option, float value, string remedy)
    {
        if (!valid)
            throw new GptGenException(string.Create(CultureInfo.InvariantCulture, $"The {option} is {value}: give {remedy}."));
    }
}
