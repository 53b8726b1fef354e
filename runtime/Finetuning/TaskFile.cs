namespace GptGen.Finetuning;

/// <summary>Reads the examples of a task from a file: <c>.tsv</c>, <c>.csv</c> with quotes, or <c>.jsonl</c>.</summary>
public static class TaskFile
{
    /// <summary>The examples of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Where its texts and labels are.</param>
    /// <param name="needsLabels">Whether a file without the label's column is refused.</param>
    /// <exception cref="GptGenException">The file cannot be read, a column is missing, or a text or label is empty; the message names file, line and remedy.</exception>
    public static IReadOnlyList<TaskExample> Read(string path, TaskColumns columns, bool needsLabels = true)
    {
        var examples = new List<TaskExample>();
        foreach (var row in TableFile.Read(path))
        {
            var texts = columns.Texts.SelectMany(name => Field(path, row, name, "--texts")).ToArray();
            if (Array.FindIndex(texts, string.IsNullOrWhiteSpace) is >= 0 and var empty)
                throw TableFile.Wrong(path, row.Line, $"text {empty + 1} of {texts.Length} is empty: fill it in, or leave the line out.");
            var label = needsLabels || row.Fields.ContainsKey(columns.Label) ? Label(path, row, columns.Label) : null;
            examples.Add(new(texts, label, $"{path}, line {row.Line}"));
        }

        return examples.Count > 0 ? examples : throw new GptGenException($"'{path}' has no examples: give a file with at least one line of data.");
    }

    /// <summary>How many columns a file's first row has whose names are <paramref name="prefix"/> and a number from 1 on.</summary>
    /// <exception cref="GptGenException">The file cannot be read.</exception>
    public static int CountColumns(string path, string prefix)
    {
        var fields = TableFile.Read(path).FirstOrDefault()?.Fields;
        var count = 0;
        while (fields?.ContainsKey($"{prefix}{count + 1}") == true)
            count++;
        return count;
    }

    private static string Label(string path, TableRow row, string column) => Field(path, row, column, "--label") is [var label] && label.Trim().Length > 0
        ? label.Trim()
        : throw TableFile.Wrong(path, row.Line, $"the label in column '{column}' is empty or a list: give one label.");

    private static string[] Field(string path, TableRow row, string column, string option) => row.Fields.TryGetValue(column, out var field)
        ? field
        : throw TableFile.Wrong(path, row.Line, $"there is no column '{column}', but {string.Join(", ", row.Fields.Keys)}: name the right one with {option}.");
}
