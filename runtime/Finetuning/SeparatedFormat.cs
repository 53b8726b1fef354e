namespace GptGen.Finetuning;

/// <summary>
/// Finds out how a file of separated fields is meant: a name's ending promises a separator, but spreadsheets write what their language has, and
/// <c>.tsv</c> is written with quotes by some and without by others.
/// </summary>
internal static class SeparatedFormat
{
    private const string Separators = ",;\t|";

    /// <summary>The format, and the text without the line by which Excel is told the separator.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="promised">The separator that its name promises.</param>
    /// <param name="note">Told when another one is found.</param>
    /// <returns>The format, where the table begins in the text, and lines before it.</returns>
    internal static (SeparatedText Format, int Start) Find(string path, string text, char promised, Action<string>? note)
    {
        if (Declared(text) is var (declared, start))
            return (new(declared, IsQuoted: true), start);
        var format = new SeparatedText(promised, promised != '\t' || IsQuoted(path, text));
        if (FirstRecord(format, path, text) is not { Count: 1 })
            return (format, 0);
        var others = Separators.Where(separator => separator != promised)
            .Select(static separator => new SeparatedText(separator, IsQuoted: true)).Where(other => IsTable(other, path, text)).ToList();
        if (others is not [var found])
            return (format, 0);
        note?.Invoke($"'{path}' is separated by {Name(found.Separator)}, not by {Name(promised)}, and is read so");
        return (found, 0);
    }

    /// <summary>A separator's name in messages.</summary>
    internal static string Name(char separator) => separator == '\t' ? "tabs" : $"'{separator}'";

    /// <summary>The separator that a name, such as that of a single column, holds; null where there is none.</summary>
    internal static char? SeparatorIn(string name) => name.IndexOfAny(Separators.ToCharArray()) is >= 0 and var at ? name[at] : null;

    /// <summary>Excel's first line <c>sep=;</c>.</summary>
    private static (char Separator, int Start)? Declared(string text)
    {
        var end = text.AsSpan().IndexOfAny('\n', '\r');
        if (end < 0)
            return null;
        var line = text.AsSpan(0, end).Trim(SeparatedText.Quote);
        return line.Length == 5 && line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase)
            ? (line[4], end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1))
            : null;
    }

    /// <summary>
    /// Whether a text between tabs is quoted. GLUE's files are not, and begin texts with quotes of their own; pandas and spreadsheets quote fields
    /// with quotes and separators in them. Quoted it is where every name of the first line is, or where the lines are only then equally long, or
    /// where all quotes are in their places and some of them doubled.
    /// </summary>
    private static bool IsQuoted(string path, string text)
    {
        if (!text.Contains(SeparatedText.Quote))
            return false;
        var (plain, quoted) = (new SeparatedText('\t', IsQuoted: false), new SeparatedText('\t', IsQuoted: true));
        return QuotesFirstLine(quoted, path, text)
            || (IsRectangular(quoted, path, text) && (!IsRectangular(plain, path, text) || HasDoubledQuotes(plain, path, text)));
    }

    /// <summary>Whether every field that begins with a quote is quoted on its line, and one has doubled quotes.</summary>
    private static bool HasDoubledQuotes(SeparatedText plain, string path, string text)
    {
        var isDoubled = false;
        foreach (var (_, fields) in plain.Split(path, text))
        {
            foreach (var field in fields.Where(static field => field.StartsWith(SeparatedText.Quote)))
            {
                if (field.Length < 2 || !field.EndsWith(SeparatedText.Quote))
                    return false;
                var inside = field.AsSpan(1, field.Length - 2);
                for (var at = inside.IndexOf(SeparatedText.Quote); at >= 0; at = inside.IndexOf(SeparatedText.Quote))
                {
                    if (at + 1 == inside.Length || inside[at + 1] != SeparatedText.Quote)
                        return false;
                    isDoubled = true;
                    inside = inside[(at + 2)..];
                }
            }
        }

        return isDoubled;
    }

    private static bool IsTable(SeparatedText format, string path, string text) =>
        FirstRecord(format, path, text) is { Count: > 1 } && IsRectangular(format, path, text);

    /// <summary>Whether a text can be read, and no line has more fields than the first.</summary>
    private static bool IsRectangular(SeparatedText format, string path, string text)
    {
        try
        {
            var columns = 0;
            foreach (var (_, fields) in format.Split(path, text))
            {
                columns = columns == 0 ? fields.Count : columns;
                if (fields.Count != columns)
                    return false;
            }

            return true;
        }
        catch (GptGenException)
        {
            return false;
        }
    }

    private static bool QuotesFirstLine(SeparatedText format, string path, string text)
    {
        try
        {
            return format.QuotesFirstLine(path, text);
        }
        catch (GptGenException)
        {
            return false;
        }
    }

    private static List<string>? FirstRecord(SeparatedText format, string path, string text)
    {
        try
        {
            return format.Split(path, text).FirstOrDefault().Fields;
        }
        catch (GptGenException)
        {
            return null;
        }
    }
}
