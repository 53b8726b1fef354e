namespace GptGen.Evaluation;

/// <summary>A passage whose last word is to be guessed.</summary>
/// <param name="Context">The passage without its last word and the space before it.</param>
/// <param name="Word">The last word, with the space that it begins with.</param>
public sealed record LastWordExample(string Context, string Word)
{
    /// <summary>Where it stands, as <c>'file', line 3</c>, for messages.</summary>
    public string? Place { get; init; }

    /// <summary>Cuts a passage before its last word.</summary>
    /// <returns>The two parts, or null for a passage of fewer than two words.</returns>
    public static LastWordExample? Of(string passage)
    {
        var text = passage.TrimEnd();
        var word = text.Length;
        while (word > 0 && !char.IsWhiteSpace(text[word - 1]))
            word--;
        var context = text[..word].TrimEnd();
        return context.Length > 0 ? new(context, " " + text[word..]) : null;
    }
}

/// <summary>How a model guessed.</summary>
/// <param name="LogLikelihood">ln p(word | context), in nats.</param>
/// <param name="IsCorrect">Whether each token of the word was the most probable one.</param>
/// <param name="IsCorrectWithoutStopWords">The same when the first token must not be a whole stop word.</param>
public readonly record struct LastWordResult(double LogLikelihood, bool IsCorrect, bool IsCorrectWithoutStopWords)
{
    /// <summary>As many numbers as processes tell each other.</summary>
    internal const int Numbers = 3;

    /// <summary>Writes all as numbers.</summary>
    internal void Write(Span<double> numbers) =>
        ((ReadOnlySpan<double>)[LogLikelihood, IsCorrect ? 1 : 0, IsCorrectWithoutStopWords ? 1 : 0]).CopyTo(numbers);

    /// <summary>What was written.</summary>
    internal static LastWordResult Read(ReadOnlySpan<double> numbers) => new(numbers[0], numbers[1] != 0, numbers[2] != 0);
}
