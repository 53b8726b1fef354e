using System.Globalization;

namespace GptGen.Finetuning;

/// <summary>A file of examples, read once: <c>.tsv</c>, <c>.csv</c>, <c>.jsonl</c> or <c>.json</c>.</summary>
internal sealed class TaskTable
{
    private readonly string path;
    private readonly List<TableRow> rows;

    private TaskTable(string path, List<TableRow> rows) => (this.path, this.rows) = (path, rows);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; also a pipe.</param>
    /// <param name="note">Told in one line what the file's name does not say of its content, such as another separator.</param>
    /// <exception cref="GptGenException">The file cannot be read, or a line is damaged; the message names file, line and remedy.</exception>
    internal static TaskTable Read(string path, Action<string>? note = null) => new(path, [.. TableFile.Read(path, note)]);

    /// <summary>How many columns the first row has whose names are <paramref name="prefix"/> and a number from 1 on.</summary>
    /// <exception cref="GptGenException">There are fewer than two, or there is one with another number, which would be passed over.</exception>
    internal int CountColumns(string prefix)
    {
        if (rows.Count == 0)
            return 0;
        var count = 0;
        while (rows[0].Find($"{prefix}{count + 1}") is not null)
            count++;
        var other = rows[0].Columns.FirstOrDefault(name => name.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (number == 0 || number > count));
        if (other is not null)
        {
            throw TableFile.Wrong(
                path, rows[0].Line, $"there is a column '{MessageText.Shorten(other)}', but they count from {prefix}1 on without gaps: "
                    + "rename them, or name the columns of the texts with TaskColumns.Texts.");
        }

        return count >= 2 ? count : throw TableFile.Wrong(
            path, rows[0].Line,
            $"there are no columns '{prefix}1' and '{prefix}2', but {rows[0].Names}: name the columns of the texts with TaskColumns.Texts.");
    }

    /// <summary>The examples.</summary>
    /// <param name="columns">Where texts and labels are.</param>
    /// <param name="needsLabels">
    /// Whether each example must have a label; otherwise one that is empty, or a file without the label's column, is none.
    /// </param>
    /// <exception cref="GptGenException">A column is missing, or a text or label is empty; the message names file, line and remedy.</exception>
    internal IReadOnlyList<TaskExample> Examples(TaskColumns columns, bool needsLabels = true)
    {
        var examples = new List<TaskExample>(rows.Count);
        foreach (var row in rows)
        {
            var texts = columns.Texts.SelectMany(name => Field(row, name, "TaskColumns.Texts")).ToArray();
            // Spreadsheets leave out empty fields at a line's end.
            if (row.Missing.Any(name => needsLabels || name != columns.Label))
                throw SeparatedTable.Uneven(path, row.Line, row.Columns.Count() - row.Missing.Count(), row.Columns.Count());
            if (Array.FindIndex(texts, string.IsNullOrWhiteSpace) is >= 0 and var empty)
                throw TableFile.Wrong(path, row.Line, $"text {empty + 1} of {texts.Length} is empty: fill it in, or leave the line out.");
            examples.Add(new(texts, Label(row, columns.Label, needsLabels), $"{path}, line {row.Line}"));
        }

        return examples.Count > 0 ? examples : throw new GptGenException($"'{path}' has no examples: give a file with at least one line of data.");
    }

    private string? Label(TableRow row, string column, bool isNeeded)
    {
        if (!isNeeded)
            return row.Find(column) is { Texts: [var optional] } && !string.IsNullOrWhiteSpace(optional) ? optional.Trim() : null;
        return Field(row, column, "TaskColumns.Label") is [var label] && !string.IsNullOrWhiteSpace(label)
            ? label.Trim()
            : throw TableFile.Wrong(path, row.Line, $"the label in column '{MessageText.Shorten(column)}' is empty or a list: give one label.");
    }

    private string[] Field(TableRow row, string column, string property)
    {
        if (row.Find(column) is not { } field)
            throw TableFile.Wrong(path, row.Line, $"there is no column '{MessageText.Shorten(column)}', but {row.Names}: {Remedy(row, property)}.");
        return field.Fault is null ? field.Texts
            : throw TableFile.Wrong(
                path, row.Line, $"column '{MessageText.Shorten(column)}' holds {field.Fault}: give a text, or name the right "
                    + $"column with {property}.");
    }

    private static string Remedy(TableRow row, string property) =>
        row.Columns.Take(2).ToList() is [var single] && SeparatedFormat.SeparatorIn(single) is { } separator
            ? $"it looks separated by {SeparatedFormat.Name(separator)}, unevenly; mend the lines, or save it with commas (.csv) or tabs (.tsv)"
            : $"name the right one with {property}, {row.Otherwise}";
}
