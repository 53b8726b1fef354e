using System.Text;

namespace GptGen.Generation;

/// <summary>
/// Where sentences and lines end in a text that may still grow. A sentence ends at a full stop, question or exclamation mark, with the marks and
/// closing brackets and quotes behind it, when white space and then no small letter follows ("e.g. this" goes on). The marks of Chinese and Japanese
/// end one at once.
/// </summary>
internal static class TextEnds
{
    private const string Marks = ".!?…";
    private const string MarksWithoutSpace = "。！？";
    private const string Closing = "\"')]}»”’」』";

    /// <summary>The length of the first <paramref name="count"/> sentences, or -1 where they do not end for certain.</summary>
    /// <param name="text">The text.</param>
    /// <param name="count">The number of sentences, at least 1.</param>
    /// <param name="isWhole">Whether the text grows no more.</param>
    internal static int Sentences(ReadOnlySpan<char> text, int count, bool isWhole)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!(Marks + MarksWithoutSpace).Contains(text[at]))
                continue;
            var atOnce = false;
            for (; at < text.Length && (Marks + MarksWithoutSpace + Closing).Contains(text[at]); at++)
                atOnce |= MarksWithoutSpace.Contains(text[at]);
            if (EndsAt(text, at, atOnce, isWhole) && --count == 0)
                return at;
        }

        return -1;
    }

    /// <summary>The length of the first line, or -1 where it does not end for certain.</summary>
    internal static int Line(string text, bool isWhole) => text.IndexOf('\n') is >= 0 and var end ? end : isWhole ? text.Length : -1;

    private static bool EndsAt(ReadOnlySpan<char> text, int end, bool atOnce, bool isWhole)
    {
        var rest = text[end..].TrimStart();
        if (rest.IsEmpty)
            return isWhole;
        Rune.DecodeFromUtf16(rest, out var next, out _);
        return atOnce || (rest.Length < text.Length - end && !Rune.IsLower(next));
    }
}
