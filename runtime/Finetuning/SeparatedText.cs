using System.Text;

namespace GptGen.Finetuning;

/// <summary>Splits a text into records of separated fields, as one of the programs that write such files means it.</summary>
/// <param name="Separator">What stands between fields.</param>
/// <param name="IsQuoted">
/// Whether fields may be quoted as RFC 4180 has it, and then hold separators, line breaks, and quotes that are doubled.
/// </param>
internal readonly record struct SeparatedText(char Separator, bool IsQuoted)
{
    internal const char Quote = '"';

    /// <summary>The records and the line that each begins on; those that are blank are left out.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <exception cref="GptGenException">A quote is not closed, or text follows a closing one.</exception>
    internal IEnumerable<(int Line, List<string> Fields)> Split(string path, string text)
    {
        var cursor = new Cursor(path, text, Separator, IsQuoted, EndsLinesWithCarriageReturn(text, IsQuoted));
        while (!cursor.IsAtEnd)
        {
            var line = cursor.Line;
            var fields = cursor.Record(out var quoted);
            if (quoted > 0 || !fields.TrueForAll(string.IsNullOrWhiteSpace))
                yield return (line, fields);
        }
    }

    /// <summary>Whether every field of the first line is quoted.</summary>
    /// <exception cref="GptGenException">As <see cref="Split"/>.</exception>
    internal bool QuotesFirstLine(string path, string text)
    {
        var cursor = new Cursor(path, text, Separator, IsQuoted, EndsLinesWithCarriageReturn(text, IsQuoted));
        while (!cursor.IsAtEnd)
        {
            var fields = cursor.Record(out var quoted);
            if (quoted > 0 || !fields.TrueForAll(string.IsNullOrWhiteSpace))
                return quoted == fields.Count;
        }

        return false;
    }

    /// <summary>
    /// Whether CR alone ends lines, as old programs for the Macintosh have it: the first line tells, outside of quotes. In a file whose lines end
    /// with LF a CR inside of a line is part of a text.
    /// </summary>
    private static bool EndsLinesWithCarriageReturn(string text, bool isQuoted)
    {
        var isInside = false;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == Quote && isQuoted)
                isInside = !isInside;
            else if (text[at] is '\n' or '\r' && !isInside)
                return text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n');
        }

        return false;
    }

    /// <summary>A place in the text.</summary>
    private sealed class Cursor(string path, string text, char separator, bool isQuoted, bool endsWithReturn)
    {
        private readonly string ends = endsWithReturn ? $"{separator}\n\r" : $"{separator}\n";
        private int at;

        internal int Line { get; private set; } = 1;

        internal bool IsAtEnd => at >= text.Length;

        /// <summary>The fields up to the end of a line, and how many of them are quoted.</summary>
        internal List<string> Record(out int quoted)
        {
            var fields = new List<string>();
            quoted = 0;
            while (true)
            {
                var field = Quoted();
                quoted += field is null ? 0 : 1;
                fields.Add(field ?? Plain());
                if (IsAtEnd)
                    break;
                var end = text[at++];
                if (end == separator)
                    continue;
                if (end == '\r' && !IsAtEnd && text[at] == '\n')
                    at++;
                break;
            }

            Line++;
            return fields;
        }

        private string Plain()
        {
            var length = text.AsSpan(at).IndexOfAny(ends);
            var field = length < 0 ? text[at..] : text.Substring(at, length);
            at += field.Length;
            return field.TrimEnd('\r');
        }

        /// <summary>A quoted field, spaces around it left out; null where the field is none. Behind a space a quote may be a text's own.</summary>
        private string? Quoted()
        {
            if (!isQuoted)
                return null;
            var begin = at;
            while (begin < text.Length && text[begin] == ' ')
                begin++;
            if (begin == text.Length || text[begin] != Quote)
                return null;
            var (end, line, field) = (begin + 1, Line, new StringBuilder());
            while (true)
            {
                var length = text.AsSpan(end).IndexOf(Quote);
                if (length < 0)
                {
                    return begin > at
                        ? null
                        : throw TableFile.Wrong(path, Line, "a quoted field has no closing quote: close it, and double quotes inside it.");
                }

                var part = text.AsSpan(end, length);
                line += Lines(part);
                field.Append(part);
                end += length + 1;
                if (end == text.Length || text[end] != Quote)
                    break;
                field.Append(Quote);
                end++;
            }

            while (end < text.Length && text[end] == ' ')
                end++;
            if (end < text.Length && text[end] == '\r' && !endsWithReturn)
                end++;
            if (end < text.Length && !ends.Contains(text[end]))
            {
                return begin > at
                    ? null
                    : throw TableFile.Wrong(path, line, "text follows a closing quote: quote the whole field, and double quotes inside it.");
            }

            (at, Line) = (end, line);
            return field.ToString();
        }

        /// <summary>Ends of lines: LF with or without CR; CR alone only where there is no LF.</summary>
        private static int Lines(ReadOnlySpan<char> part) => part.Contains('\n') ? part.Count('\n') : part.Count('\r');
    }
}
