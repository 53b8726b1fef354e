using System.Text;

namespace GptGen.Finetuning;

/// <summary>Comma-separated values as RFC 4180 has them: quoted fields may hold commas, line breaks, and quotes that are doubled.</summary>
internal static class CsvFormat
{
    private const char Quote = '"';

    /// <summary>The records and the line that each begins on; empty lines are left out.</summary>
    /// <exception cref="GptGenException">A quote is not closed, or text follows a closing one.</exception>
    internal static IEnumerable<(int Line, List<string> Fields)> Split(string path, string text)
    {
        var (at, line) = (0, 1);
        while (at < text.Length)
        {
            var (first, begin) = (line, at);
            var fields = new List<string>();
            do
            {
                fields.Add(at < text.Length && text[at] == Quote ? Quoted(path, text, ref at, ref line) : Plain(text, ref at));
            }
            while (at < text.Length && text[at++] == ',');
            var isEmpty = fields is [""] && text[begin] != Quote;
            line++;
            if (!isEmpty)
                yield return (first, fields);
        }
    }

    /// <summary>A field up to the comma or line feed that ends it.</summary>
    private static string Plain(string text, ref int at)
    {
        var length = text.AsSpan(at).IndexOfAny(',', '\n');
        var field = length < 0 ? text[at..] : text.Substring(at, length);
        at += field.Length;
        return field.TrimEnd('\r');
    }

    private static string Quoted(string path, string text, ref int at, ref int line)
    {
        var (first, field) = (line, new StringBuilder());
        for (at++; ; at++)
        {
            if (at == text.Length)
                throw TableFile.Wrong(path, first, "a quoted field has no closing quote: close it, and double quotes inside it.");
            if (text[at] != Quote)
            {
                line += text[at] == '\n' ? 1 : 0;
                field.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == Quote)
            {
                field.Append(text[at++]);
            }
            else
            {
                break;
            }
        }

        at++;
        if (at < text.Length && text[at] == '\r')
            at++;
        return at == text.Length || text[at] is ',' or '\n'
            ? field.ToString()
            : throw TableFile.Wrong(path, line, "text follows a closing quote: quote the whole field, and double quotes inside it.");
    }
}
