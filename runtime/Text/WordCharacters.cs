namespace GptGen.Text;

/// <summary>
/// Words as the characters that a model's filters read (bilm-tf's <c>UnicodeCharsVocabulary</c>): a mark, the bytes of the word in UTF-8, at most 48
/// of them, a mark, and padding up to 50.
/// </summary>
public static class WordCharacters
{
    /// <summary>Characters of a word.</summary>
    public const int Count = 50;

    /// <summary>How many characters there are: a table's rows.</summary>
    public const int AlphabetSize = 261;

    /// <summary>The one character of the mark with which a sentence begins.</summary>
    public const int SentenceBegin = 256;

    /// <summary>The one character of the mark with which a sentence ends.</summary>
    public const int SentenceEnd = 257;

    private const int WordBegin = 258;
    private const int WordEnd = 259;
    private const int Padding = 260;

    /// <summary>Writes the characters of a word.</summary>
    /// <param name="utf8">The word; of a long one the beginning counts.</param>
    /// <param name="characters">Receives <see cref="Count"/> characters.</param>
    public static void Write(ReadOnlySpan<byte> utf8, Span<int> characters)
    {
        utf8 = utf8[..Math.Min(utf8.Length, Count - 2)];
        characters[0] = WordBegin;
        for (var i = 0; i < utf8.Length; i++)
            characters[1 + i] = utf8[i];
        End(characters, utf8.Length + 1);
    }

    /// <summary>Writes the characters of a mark.</summary>
    /// <param name="character"><see cref="SentenceBegin"/> or <see cref="SentenceEnd"/>.</param>
    /// <param name="characters">Receives <see cref="Count"/> characters.</param>
    public static void WriteMark(int character, Span<int> characters)
    {
        (characters[0], characters[1]) = (WordBegin, character);
        End(characters, 2);
    }

    /// <summary>Writes the characters of places without a word: nothing but padding.</summary>
    /// <param name="characters">Receives <see cref="Count"/> characters for each place.</param>
    public static void WriteNothing(Span<int> characters) => characters.Fill(Padding);

    /// <summary>
    /// Writes the characters of tokens: those of their bytes. A tokenizer's tokens that begin and end texts are the marks of sentences.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="characters">Receives <see cref="Count"/> characters for each token.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public static void Write(Tokenizer tokenizer, ReadOnlySpan<int> tokens, Span<int> characters)
    {
        foreach (var token in tokens)
        {
            if (token == tokenizer.EndOfText)
                WriteMark(SentenceEnd, characters);
            else if (token == tokenizer.BeginOfText)
                WriteMark(SentenceBegin, characters);
            else
                Write(tokenizer.Bytes(token), characters);
            characters = characters[Count..];
        }
    }

    private static void End(Span<int> characters, int length)
    {
        characters[length] = WordEnd;
        characters[(length + 1)..Count].Fill(Padding);
    }
}
