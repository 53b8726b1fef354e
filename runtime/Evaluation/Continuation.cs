using GptGen.Text;

namespace GptGen.Evaluation;

/// <summary>Tokens whose last ones are to be predicted from all that come before each.</summary>
public sealed class Continuation
{
    /// <summary>Creates a continuation.</summary>
    /// <param name="tokens">Context and continuation; at least one token of context.</param>
    /// <param name="predicted">Tokens of the continuation, at the end.</param>
    public Continuation(int[] tokens, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(predicted, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, tokens.Length);
        Tokens = tokens;
        Predicted = predicted;
    }

    /// <summary>Context and continuation.</summary>
    public int[] Tokens { get; }

    /// <summary>Tokens of the continuation, at the end.</summary>
    public int Predicted { get; }

    /// <summary>Positions that a model needs to predict it: the last token is not read.</summary>
    public int Length => Tokens.Length - 1;

    /// <summary>
    /// The tokens of a text and its continuation. Without context the token that separates documents stands for it, or a line's end. A context that
    /// is too long loses its beginning.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="context">The text before.</param>
    /// <param name="continuation">The text to predict; as texts are, it begins with its space.</param>
    /// <param name="positions">The positions that the model has.</param>
    /// <exception cref="GptGenException">The continuation is empty or too long, or has what the vocabulary cannot say.</exception>
    public static Continuation Of(Tokenizer tokenizer, string context, string continuation, int positions) =>
        Of(tokenizer, context, continuation, positions, place: null);

    /// <summary>The same; a mistake is told with the place where the example stands.</summary>
    internal static Continuation Of(Tokenizer tokenizer, string context, string continuation, int positions, string? place)
    {
        try
        {
            return Encode(tokenizer, context, continuation, positions);
        }
        catch (GptGenException error) when (place is not null)
        {
            throw new GptGenException($"{place}: {error.Message}", error);
        }
    }

    private static Continuation Encode(Tokenizer tokenizer, string context, string continuation, int positions)
    {
        var (before, after) = (tokenizer.Encode(context), tokenizer.Encode(continuation));
        if (after.Length == 0)
            throw new GptGenException("There is nothing to predict: give a text that is not empty.");
        if (after.Length > positions)
            throw new GptGenException(
                $"A text to predict has {after.Length} tokens, but the model sees {positions} at once: leave it out, "
                + "or use a model with a longer context.");
        if (before.Length == 0)
            before = TextStart.Tokens(tokenizer);
        var kept = Math.Min(before.Length, positions + 1 - after.Length);
        return new([.. before.AsSpan()[^kept..], .. after], after.Length);
    }
}
