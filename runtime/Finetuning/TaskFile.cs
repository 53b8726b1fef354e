namespace GptGen.Finetuning;

/// <summary>
/// Reads the examples of a task from a file: <c>.tsv</c>, <c>.csv</c>, <c>.jsonl</c> or <c>.json</c>; tagged words also from lines of word and tag.
/// </summary>
public static class TaskFile
{
    /// <summary>The examples of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">The task.</param>
    /// <param name="columns">Where its texts and labels are.</param>
    /// <param name="needsLabels">
    /// Whether each example must have a label; otherwise one that is empty, or a file without the label's column, is none.
    /// </param>
    /// <param name="note">Told in one line what the file's name does not say of its content.</param>
    /// <exception cref="GptGenException">
    /// The file cannot be read, a column is missing, or a text or label is empty; the message names file, line and remedy.
    /// </exception>
    public static IReadOnlyList<TaskExample> Read(
        string path, TaskKind kind, TaskColumns columns, bool needsLabels = true, Action<string>? note = null) =>
        kind switch
        {
            TaskKind.TokenClassification => TagFile.Read(path, columns, needsLabels),
            TaskKind.QuestionAnswering => AnswerFile.Read(path, columns, needsLabels),
            _ => Read(path, columns, needsLabels, note),
        };

    /// <summary>The examples of a file whose texts have one label each.</summary>
    /// <inheritdoc cref="Read(string, TaskKind, TaskColumns, bool, Action{string})"/>
    public static IReadOnlyList<TaskExample> Read(string path, TaskColumns columns, bool needsLabels = true, Action<string>? note = null) =>
        TaskTable.Read(path, note).Examples(columns, needsLabels);
}
