using System.Text.RegularExpressions;

namespace GptGen.Evaluation;

/// <summary>
/// The words that BLEU counts: NIST's mteval-v13a, sacreBLEU's tokenisation <c>13a</c>. Marks of ASCII are words of their own, full stop and comma
/// unless digits stand around them, a hyphen after a digit; upper and lower case differ.
/// </summary>
internal static partial class BleuWords
{
    /// <summary>The words of a sentence.</summary>
    internal static string[] Split(string sentence)
    {
        sentence = sentence.AsSpan().TrimEnd(WhiteSpace).ToString();
        var text = sentence.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ');
        // In this order, as the script has it: "&amp;lt;" becomes "<".
        text = text.Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        text = Marks().Replace($" {text} ", " $& ");
        text = PointAfterOther().Replace(text, "$1 $2 ");
        text = PointBeforeOther().Replace(text, " $1 $2");
        text = HyphenAfterDigit().Replace(text, "$1 $2 ");
        return text.Split(WhiteSpace, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The characters that Python takes for white space: .NET's, and four separators of ASCII.</summary>
    internal static char[] WhiteSpace { get; } =
    [
        .. Enumerable.Range(0, char.MaxValue).Select(static value => (char)value)
            .Where(static character => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f'),
    ];

    /// <summary>All marks of ASCII but apostrophe, comma, hyphen and full stop; the blank counts for nothing here.</summary>
    [GeneratedRegex(@"[ -&(-+/:-@\[-`{-~]")]
    private static partial Regex Marks();

    [GeneratedRegex("([^0-9])([.,])")]
    private static partial Regex PointAfterOther();

    [GeneratedRegex("([.,])([^0-9])")]
    private static partial Regex PointBeforeOther();

    [GeneratedRegex("([0-9])(-)")]
    private static partial Regex HyphenAfterDigit();
}
