using System.Buffers;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// The distinct words of a corpus: a measure of how much a model has learnt to spell. A word is a longest run of letters; upper and lower case
/// differ.
/// </summary>
public sealed class WordList
{
    private readonly HashSet<string> words = new(StringComparer.Ordinal);

    /// <summary>Collects the words of a corpus.</summary>
    public WordList(TextCorpus corpus)
    {
        var known = words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var document in corpus.Documents)
            ForEachWord(Encoding.UTF8.GetString(document), (word, _) => known.Add(word));
    }

    /// <summary>The number of distinct words.</summary>
    public int Count => words.Count;

    /// <summary>Counts the words of a text that was cut off somewhere: one that touches its end may be unfinished and does not count.</summary>
    /// <param name="text">The text.</param>
    /// <returns>How many words the text has, repetitions included, and how many of them occur in the corpus.</returns>
    public (int Words, int Known) Check(string text)
    {
        var (count, occurring) = (0, 0);
        var lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        ForEachWord(text, (word, end) =>
        {
            if (end == text.Length)
                return;
            count++;
            occurring += lookup.Contains(word) ? 1 : 0;
        });
        return (count, occurring);
    }

    private static void ForEachWord(ReadOnlySpan<char> text, WordAction action)
    {
        var start = 0;
        for (var at = 0; at <= text.Length;)
        {
            // Half of a surrogate pair is no letter; a character is one or two units long.
            var isLetter = Rune.DecodeFromUtf16(text[at..], out var rune, out var length) == OperationStatus.Done && Rune.IsLetter(rune);
            if (!isLetter)
            {
                if (at > start)
                    action(text[start..at], at);
                start = at + Math.Max(1, length);
            }

            at += Math.Max(1, length);
        }
    }

    private delegate void WordAction(ReadOnlySpan<char> word, int end);
}
