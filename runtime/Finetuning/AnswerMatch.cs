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
        var kept = new StringBuilder();
        foreach (var character in text.ToLowerInvariant())
        {
            // Of ASCII what Python's string.punctuation has: all that can be seen but letters and digits.
            if (character is <= ' ' or > '~' || char.IsAsciiLetterOrDigit(character))
                kept.Append(character);
        }

        return
        [
            .. kept.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(static word => word is not ("a" or "an" or "the")),
        ];
    }

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
