namespace GptGen.Text;

/// <summary>How long the text of some tokens is; tokens that separate documents or sentences have no text.</summary>
/// <param name="Words">Words: runs of bytes other than ASCII white space, or the tokens of a vocabulary of words.</param>
/// <param name="Bytes">Bytes of UTF-8; in a vocabulary of words each word has one more, for what separates it from the next.</param>
public readonly record struct TextSize(long Words, long Bytes)
{
    /// <summary>Measures the text of a sequence.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens, or they cannot be read.</exception>
    public static TextSize Of(TokenSource tokens, Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        var (words, bytes, inWord) = (0L, 0L, false);
        tokens.ForEachPart(Add, cancellation);
        return new(words, bytes);

        void Add(int[] part)
        {
            foreach (var token in part)
            {
                var size = tokenizer.Measure(token, ref inWord);
                words += size.Words;
                bytes += size.Bytes;
            }
        }
    }
}
