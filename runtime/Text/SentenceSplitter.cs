using System.Text;

namespace GptGen.Text;

/// <summary>Splits documentation text into sentences and keeps those that are prose.</summary>
internal static class SentenceSplitter
{
    /// <summary>Marks places at which a sentence ends whatever the punctuation.</summary>
    public const char Boundary = '\u2029';

    private const int FewestWords = 6;

    /// <summary>Appends the sentences of a text, with single spaces, and empties the text.</summary>
    public static void Split(StringBuilder text, List<string> sentences)
    {
        var all = text.ToString();
        text.Clear();
        foreach (var part in all.AsSpan().Split(Boundary))
        {
            foreach (var character in all.AsSpan(part))
            {
                if (!char.IsWhiteSpace(character))
                {
                    if (EndsSentence(text, character))
                        Flush(text, sentences);
                    text.Append(character);
                }
                else if (text.Length > 0 && text[^1] != ' ')
                {
                    text.Append(' ');
                }
            }

            Flush(text, sentences);
        }
    }

    /// <summary>A sentence ends at a full stop, space, capital letter; "e.g." and the like are followed by small letters almost always.</summary>
    private static bool EndsSentence(StringBuilder text, char next) =>
        text.Length > 2 && text[^1] == ' ' && text[^2] is '.' or '!' or '?' && char.IsUpper(next);

    private static void Flush(StringBuilder text, List<string> sentences)
    {
        if (text.Length > 0 && text[^1] == ' ')
            text.Length--;
        var sentence = text.ToString();
        text.Clear();
        if (IsProse(sentence))
            sentences.Add(sentence);
    }

    /// <summary>Begins with a capital letter, ends as a sentence does, has several words and only printable characters.</summary>
    private static bool IsProse(string sentence) =>
        sentence.Length > 0
        && char.IsUpper(sentence[0])
        && sentence is [.., not ' ', '.' or '!' or '?']
        && sentence.AsSpan().Count(' ') >= FewestWords - 1
        && !sentence.Any(char.IsControl);
}
