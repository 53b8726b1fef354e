using System.Text;

namespace GptGen;

/// <summary>
/// Text for messages. What comes from a file, a path or the system may hold line ends, control characters that steer a terminal, or megabytes; a
/// message is one readable line.
/// </summary>
public static class MessageText
{
    /// <summary>The most characters of a whole message.</summary>
    private const int Longest = 2000;

    /// <summary>The most characters that <see cref="Shorten"/> leaves of something that a message quotes.</summary>
    private const int LongestQuote = 60;

    /// <summary>A text as one line without control characters, its middle left out where it is endless.</summary>
    /// <param name="text">The text.</param>
    public static string OneLine(string text)
    {
        text = text.Length <= Longest ? text : Cut(text, Longest);
        if (!text.Any(IsUnprintable))
            return text;
        var line = new StringBuilder(text.Length);
        foreach (var character in text.ReplaceLineEndings(" "))
        {
            if (IsUnprintable(character))
                line.Append(character == '\t' ? " " : $"\\u{(int)character:X4}");
            else
                line.Append(character);
        }

        return line.ToString();
    }

    /// <summary>What the system says of a failure, to stand inside a sentence.</summary>
    internal static string Of(Exception error) => OneLine(error.Message).TrimEnd('.', ' ');

    /// <summary>A name or a value from a file, short enough to be quoted.</summary>
    internal static string Shorten(string value) => OneLine(value.Length <= LongestQuote ? value : Cut(value, LongestQuote));

    private static string Cut(string text, int length) => $"{text.AsSpan(0, length * 2 / 3)}…{text.AsSpan(text.Length - length / 3)}";

    // Also the characters that turn the direction of writing, by which a name can be made to look like another.
    private static bool IsUnprintable(char character) =>
        char.IsControl(character) || character is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
