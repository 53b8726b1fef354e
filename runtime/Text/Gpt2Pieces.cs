using System.Buffers;
using System.Globalization;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// Cuts text into the pieces within which GPT-2 merges. The published rule is a regular expression over code points,
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. .NET's expressions see UTF-16 units, to which letters beyond
/// U+FFFF are no letters, so it is written out here over UTF-8. Bytes that are not valid UTF-8 count as symbols.
/// </summary>
internal static class Gpt2Pieces
{
    private static readonly Kind[] s_ascii = [.. Enumerable.Range(0, 128).Select(value => KindOf(new Rune(value)))];

    private enum Kind : byte
    {
        Letter,
        Number,
        Symbol,
        Space,
    }

    /// <summary>The length in bytes of the first piece of a text that is not empty.</summary>
    public static int FirstLength(ReadOnlySpan<byte> text)
    {
        if (text[0] == '\'' && ContractionLength(text[1..]) is > 0 and var contraction)
            return 1 + contraction;

        var start = text.Length > 1 && text[0] == ' ' ? 1 : 0;
        var kind = First(text[start..], out _);
        return kind == Kind.Space ? SpaceLength(text) : start + RunLength(text[start..], kind, out _);
    }

    private static int ContractionLength(ReadOnlySpan<byte> rest) => rest switch
    {
        [(byte)'s' or (byte)'t' or (byte)'m' or (byte)'d', ..] => 1,
        [(byte)'r' or (byte)'v', (byte)'e', ..] => 2,
        [(byte)'l', (byte)'l', ..] => 2,
        _ => 0,
    };

    /// <summary>White space before a word leaves its last character to the word; alone, or at the end of the text, it is a piece.</summary>
    private static int SpaceLength(ReadOnlySpan<byte> text)
    {
        var run = RunLength(text, Kind.Space, out var last);
        return run == text.Length || run == last ? run : run - last;
    }

    /// <summary>The length of the characters of one kind that a text begins with.</summary>
    private static int RunLength(ReadOnlySpan<byte> text, Kind kind, out int lastLength)
    {
        var run = 0;
        lastLength = 0;
        while (run < text.Length)
        {
            var (value, length) = (text[run], 1);
            if ((value < s_ascii.Length ? s_ascii[value] : First(text[run..], out length)) != kind)
                break;
            lastLength = length;
            run += length;
        }

        return run;
    }

    private static Kind First(ReadOnlySpan<byte> text, out int length)
    {
        if (text[0] < s_ascii.Length)
        {
            length = 1;
            return s_ascii[text[0]];
        }

        return Rune.DecodeFromUtf8(text, out var rune, out length) == OperationStatus.Done ? KindOf(rune) : Kind.Symbol;
    }

    private static Kind KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Symbol,
    };
}
