using GptGen.Sampling;

namespace GptGen.Serving;

/// <summary>One text to be written.</summary>
public sealed record EngineRequest
{
    /// <summary>The most alternatives of a token.</summary>
    public const int MostAlternatives = 20;

    /// <summary>What it begins with; the tokenizer's beginning of texts where there is nothing.</summary>
    public required int[] Prompt { get; init; }

    /// <summary>The most tokens that are written, at least 1.</summary>
    public int Tokens { get; init; } = 256;

    /// <summary>How tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Tells the texts of one seed apart.</summary>
    public uint Sample { get; init; }

    /// <summary>
    /// The most probable alternatives, up to <see cref="MostAlternatives"/>, that come with each token and its own log probability; null for neither.
    /// </summary>
    public int? Alternatives { get; init; }

    /// <summary>Whether the prompt's tokens have log probabilities too.</summary>
    public bool ScoresPrompt { get; init; }

    /// <summary>Whether the text goes on behind the token that ends texts.</summary>
    public bool IgnoresEnd { get; init; }

    /// <summary>Tokens that end the text beside the tokenizer's own.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>How long it may take, waiting included; null for as long as it takes.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Checks every number.</summary>
    /// <exception cref="GptGenException">One is out of range.</exception>
    internal void Validate(ModelDescription model)
    {
        Sampling.Validate();
        TokenCheck.Tokens(Prompt, model.Vocabulary, "token");
        if (Tokens < 1)
            throw new GptGenException($"{Tokens} tokens cannot be written: ask for at least 1.");
        if (Alternatives is < 0 or > MostAlternatives)
            throw new GptGenException($"{Alternatives} alternatives of each token are impossible: ask for 0 to {MostAlternatives}.");
        if (ScoresPrompt && Alternatives is null)
            throw new GptGenException("A prompt is scored where log probabilities are asked for: ask for alternatives, 0 or more.");
    }
}

/// <summary>Why a text ended.</summary>
public enum EndReason
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>A token that ends texts was drawn.</summary>
    EndToken,

    /// <summary>It has as many tokens as were asked for.</summary>
    Length,

    /// <summary>Whoever asked for it wants no more.</summary>
    Cancelled,

    /// <summary>Its time is over.</summary>
    TimeLimit,

    /// <summary>The engine was disposed of, or could not compute it.</summary>
    Failed,
}

/// <summary>
/// A token and the natural logarithm of its probability after those before it, whatever temperature, filters and penalties there are.
/// </summary>
/// <param name="Token">The token.</param>
/// <param name="LogProbability">The logarithm.</param>
public readonly record struct TokenProbability(int Token, double LogProbability);

/// <summary>The engine's queue is full: whoever asks may try again later.</summary>
/// <param name="message">What is full.</param>
public sealed class EngineFullException(string message) : GptGenException(message);

/// <summary>The engine takes no more requests.</summary>
public sealed class EngineClosedException() : GptGenException("The engine takes no more requests: it is being shut down.");
