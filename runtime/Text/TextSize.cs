namespace GptGen.Text;

/// <summary>How long the text of some tokens is; tokens that separate documents have no text.</summary>
/// <param name="Words">Words: runs of bytes other than ASCII white space.</param>
/// <param name="Bytes">Bytes of UTF-8.</param>
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
                if (token == tokenizer.EndOfText)
                {
                    inWord = false;
                    continue;
                }

                foreach (var value in tokenizer.Bytes(token))
                {
                    var isSpace = value is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
                    words += !inWord && !isSpace ? 1 : 0;
                    inWord = !isSpace;
                    bytes++;
                }
            }
        }
    }
}
