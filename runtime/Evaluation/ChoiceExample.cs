namespace GptGen.Evaluation;

/// <summary>A question with several answers: which text goes on from a context?</summary>
/// <param name="Context">The text before.</param>
/// <param name="Continuations">The texts to choose from, each with the space that it begins with.</param>
/// <param name="Answer">Which of them is right, from 0.</param>
public sealed record ChoiceExample(string Context, IReadOnlyList<string> Continuations, int Answer)
{
    /// <summary>Where it stands, as <c>'file', line 3</c>, for messages.</summary>
    public string? Place { get; init; }
}

/// <summary>What a model chose.</summary>
/// <param name="IsCorrect">Whether the right one has the greatest likelihood.</param>
/// <param name="IsCorrectByMean">Whether it has the greatest mean log-likelihood of a token, so that length does not count.</param>
public readonly record struct ChoiceResult(bool IsCorrect, bool IsCorrectByMean);
