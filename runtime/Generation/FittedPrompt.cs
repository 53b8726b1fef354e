using GptGen.Text;

namespace GptGen.Generation;

/// <summary>A prompt that leaves room for its answer in the model's context.</summary>
/// <param name="Tokens">The prompt.</param>
/// <param name="CutTokens">How many tokens of its beginning were left out.</param>
public readonly record struct FittedPrompt(int[] Tokens, int CutTokens)
{
    /// <summary>
    /// The positions for a prompt before <paramref name="tokens"/> tokens of text: what they leave of the context, but at least half of it; beyond
    /// the context the text goes on with its last half in view.
    /// </summary>
    public static int Room(ModelDescription model, int tokens) => Math.Max(model.Context - tokens, model.Context / 2);

    /// <summary>A text and the prompt's ending. A text that is too long loses tokens at its beginning, and never half a character.</summary>
    /// <param name="tokenizer">The tokenizer; names of special tokens in the text are ordinary text.</param>
    /// <param name="text">What may be cut.</param>
    /// <param name="ending">What may not.</param>
    /// <param name="room">The most tokens.</param>
    /// <exception cref="GptGenException">The ending alone is too long.</exception>
    public static FittedPrompt Cut(Tokenizer tokenizer, string text, string ending, int room)
    {
        var (before, after) = (tokenizer.Encode(text), EncodeEnding(tokenizer, ending, room));
        var first = Math.Max(0, before.Length + after.Length - room);
        while (first > 0 && first < before.Length && ContinuesCharacter(tokenizer.Bytes(before[first])))
            first++;
        return new([.. before.AsSpan(first), .. after], first);
    }

    /// <summary>Texts and the prompt's ending. Where they are too long together, the first texts are left out, each as a whole.</summary>
    /// <param name="tokenizer">The tokenizer; names of special tokens in the texts are ordinary text.</param>
    /// <param name="texts">What may be left out.</param>
    /// <param name="ending">What may not.</param>
    /// <param name="room">The most tokens.</param>
    /// <exception cref="GptGenException">The ending alone is too long.</exception>
    public static FittedPrompt LeaveOut(Tokenizer tokenizer, IReadOnlyList<string> texts, string ending, int room)
    {
        var (before, after) = (texts.Select(tokenizer.Encode).ToArray(), EncodeEnding(tokenizer, ending, room));
        var (length, cut, first) = (before.Sum(static tokens => tokens.Length) + after.Length, 0, 0);
        while (length - cut > room)
            cut += before[first++].Length;
        return new([.. before[first..].SelectMany(static tokens => tokens), .. after], cut);
    }

    private static int[] EncodeEnding(Tokenizer tokenizer, string ending, int room)
    {
        var tokens = tokenizer.Encode(ending);
        return tokens.Length <= room
            ? tokens
            : throw new GptGenException(
                $"The part of the prompt that must stay whole has {tokens.Length} tokens, but there is room for {room}: shorten it, "
                + "ask for fewer tokens, or use a model with a longer context.");
    }

    /// <summary>Whether a token begins with a byte of UTF-8 that begins no character.</summary>
    private static bool ContinuesCharacter(ReadOnlySpan<byte> bytes) => bytes is [>= 0x80 and < 0xC0, ..];
}
