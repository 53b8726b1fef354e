namespace GptGen.Text;

/// <summary>One or two texts as a masked language model reads them: <c>[CLS] a [SEP]</c> or <c>[CLS] a [SEP] b [SEP]</c>.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="TokenTypes">For each token 0 where it belongs to the first text or its marks, 1 where it belongs to the second or its mark.</param>
public sealed record SequencePair(int[] Tokens, int[] TokenTypes)
{
    /// <summary>
    /// How many tokens of two texts are kept, the longer cut first, as Hugging Face's tokenizers library cuts them (<c>longest_first</c>).
    /// </summary>
    /// <param name="first">Tokens of the first text.</param>
    /// <param name="second">Tokens of the second text.</param>
    /// <param name="most">Tokens that both may have together.</param>
    internal static (int First, int Second) Truncate(int first, int second, int most)
    {
        if (first + second <= most)
            return (first, second);
        var (shorter, longer) = first > second ? (second, most - second) : (first, most - first);
        // Where both must be cut, the one that was longer keeps the odd token.
        if (longer < shorter)
            (shorter, longer) = (most / 2, most - (most / 2));
        return first > second ? (longer, shorter) : (shorter, longer);
    }
}
