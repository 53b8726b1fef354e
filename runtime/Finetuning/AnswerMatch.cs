using System.Text;

namespace GptGen.Finetuning;

/// <summary>
/// How well an answer agrees with right ones, as SQuAD's evaluation script counts it (Rajpurkar et al. 2016): without case, ASCII punctuation, the
/// articles a, an and the, and the number of spaces; the best of several right ones counts.
/// </summary>
public static class AnswerMatch
{
    /// <summary>Whether an answer is a right one, and the F1 of the words that it shares with one.</summary>
    /// <param name="answer">The answer; empty for none.</param>
    /// <param name="right">The right ones; none where there is no answer, so that an empty one is right.</param>
    public static (bool IsExact, double F1) Of(string answer, IEnumerable<string> right)
    {
        var given = Words(answer);
        string[][] all = [.. right.Select(Words)];
        if (all.Length == 0)
            all = [[]];
        return (all.Any(words => words.SequenceEqual(given)), all.Max(words => F1(given, words)));
    }

    /// <summary>The words that are compared.</summary>
    /// <param name="text">A text.</param>
    public static string[] Words(string text)
    {
        var (kept, start) = (new StringBuilder(), 0);
        foreach (var character in text.ToLowerInvariant().EnumerateRunes())
        {
            // Of ASCII what Python's string.punctuation has: all that can be seen but letters and digits.
            if (character.Value is > ' ' and <= '~' && !Rune.IsLetterOrDigit(character))
                continue;
            // An article goes where it stands between borders of words, which any other mark is too. The script keeps a space in its place.
            var isOfWord = IsOfWord(character);
            if (!isOfWord)
                DropArticle(kept, start);
            kept.Append(character);
            if (!isOfWord)
                start = kept.Length;
        }

        DropArticle(kept, start);
        return kept.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Puts a space in the place of what stands at the end of a text if that is an article.</summary>
    private static void DropArticle(StringBuilder text, int start)
    {
        var length = text.Length - start;
        if (length is >= 1 and <= 3 && text.ToString(start, length) is "a" or "an" or "the")
            text.Remove(start, length).Append(' ');
    }

    /// <summary>Whether a character is one of a word for Python's regular expressions: a letter or a number, but no combining mark.</summary>
    private static bool IsOfWord(Rune character) => Rune.IsLetterOrDigit(character) || Rune.IsNumber(character);

    private static double F1(string[] given, string[] right)
    {
        if (given.Length == 0 || right.Length == 0)
            return given.Length == right.Length ? 1 : 0;
        var counts = right.CountBy(static word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var shared = 0;
        foreach (var word in given)
        {
            if (counts.GetValueOrDefault(word) is > 0 and var count)
                (shared, counts[word]) = (shared + 1, count - 1);
        }

        var (precision, recall) = ((double)shared / given.Length, (double)shared / right.Length);
        return shared == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
}
