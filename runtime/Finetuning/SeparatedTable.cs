namespace GptGen.Finetuning;

/// <summary>
/// Separated fields below a line that names their columns. A column without a name, as pandas writes for its index and spreadsheets behind the last,
/// is passed over.
/// </summary>
internal static class SeparatedTable
{
    /// <summary>The rows of a file's text.</summary>
    /// <exception cref="GptGenException">There is no first line, two columns have one name, or a line is damaged.</exception>
    internal static IEnumerable<TableRow> Read(string path, string text, char promised, Action<string>? note)
    {
        var (format, start) = SeparatedFormat.Find(path, text, promised, note);
        Header? header = null;
        foreach (var (number, fields) in format.Split(path, start == 0 ? text : text[start..]))
        {
            var line = start == 0 ? number : number + 1;
            if (header is null)
                header = new(path, line, fields);
            else
                yield return new Row(line, header, Fitted(path, line, header, fields, format.Separator));
        }

        if (header is null)
            throw new GptGenException($"'{path}' is empty: its first line must name the columns.");
    }

    /// <summary>A line's fields without empty ones behind the last column.</summary>
    private static List<string> Fitted(string path, int line, Header header, List<string> fields, char separator)
    {
        if (fields.Count > header.Names.Count && fields.Skip(header.Names.Count).All(string.IsNullOrWhiteSpace))
            fields.RemoveRange(header.Names.Count, fields.Count - header.Names.Count);
        return fields.Count <= header.Names.Count ? fields : throw Uneven(path, line, fields.Count, header.Names.Count, separator);
    }

    /// <summary>The mistake of a line with too many or too few fields.</summary>
    internal static GptGenException Uneven(string path, int line, int fields, int columns, char? separator = null) => TableFile.Wrong(
        path, line,
        $"there are {fields} fields, but the first line names {columns} columns: mend the line, or quote what contains a "
        + $"{(separator is '\t' ? "tab" : "separator")} (.csv).");

    private sealed class Header
    {
        internal Header(string path, int line, List<string> fields)
        {
            Names = [.. fields.Select(static name => name.Trim())];
            for (var column = 0; column < Names.Count; column++)
            {
                if (Names[column].Length > 0 && !Indexes.TryAdd(Names[column], column))
                    throw TableFile.Wrong(path, line, $"two columns are named '{MessageText.Shorten(Names[column])}': give each a name of its own.");
            }
        }

        internal List<string> Names { get; }

        internal Dictionary<string, int> Indexes { get; } = [];
    }

    private sealed class Row(int line, Header header, List<string> fields) : TableRow(line)
    {
        internal override IEnumerable<string> Columns => header.Indexes.Keys;

        internal override IEnumerable<string> Missing => header.Names.Skip(fields.Count).Where(static name => name.Length > 0);

        internal override TableField? Find(string column) => !header.Indexes.TryGetValue(column, out var index) ? null
            : new TableField([index < fields.Count ? fields[index] : ""]);
    }
}
