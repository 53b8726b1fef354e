using System.Globalization;
using System.Numerics;
using System.Text;

namespace GptGen.Files;

/// <content>The values of protocol 0, which are lines of text.</content>
internal ref partial struct PickleReader
{
    /// <summary>More digits are no number that a vocabulary has, and reading them costs more than their length.</summary>
    private const int MostDigits = 256;

    /// <summary>The rest of a line, which protocol 0 ends its values with.</summary>
    private string Line()
    {
        var length = _bytes[_at..].IndexOf((byte)'\n');
        if (length < 0)
            throw Damaged("ends too early");
        return Encoding.Latin1.GetString(Take(length + 1)[..length]);
    }

    private long Key() =>
        long.TryParse(Line(), NumberStyles.None, CultureInfo.InvariantCulture, out var key) ? key : throw Damaged("keeps something under no number");

    /// <summary>A text of protocol 0: Latin-1, and as \u or \U and digits of base 16 what that has not.</summary>
    private readonly string Unescaped(string line)
    {
        var text = new StringBuilder(line.Length);
        for (var at = 0; at < line.Length; at++)
        {
            var digits = line[at] != '\\' || at + 1 == line.Length ? 0 : line[at + 1] == 'u' ? 4 : line[at + 1] == 'U' ? 8 : 0;
            if (digits == 0)
            {
                text.Append(line[at]);
                continue;
            }

            if (at + 2 + digits > line.Length
                || !int.TryParse(line.AsSpan(at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                || !Rune.IsValid(value))
            {
                throw Damaged("holds a text with half a character");
            }

            text.Append(new Rune(value).ToString());
            at += 1 + digits;
        }

        return text.ToString();
    }

    private readonly void PushWhole(string digits)
    {
        if (digits.Length > MostDigits || !BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw Damaged("has a whole number that is none");
        PushWhole(number);
    }
}
