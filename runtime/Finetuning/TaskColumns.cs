namespace GptGen.Finetuning;

/// <summary>Which columns of a file make an example.</summary>
/// <param name="Texts">
/// Columns of the texts, in the order of <c>TaskHead.Encode</c>; in JSON lines one column may hold several texts as an array.
/// </param>
/// <param name="Label">Column of the label; for multiple choice, of the right choice; of the list of tags, or of answers.</param>
public sealed record TaskColumns(IReadOnlyList<string> Texts, string Label = "label")
{
    /// <summary>The columns that a task has unless others are named.</summary>
    /// <param name="kind">The task.</param>
    /// <param name="choices">Number of answers, for multiple choice.</param>
    public static TaskColumns Default(TaskKind kind, int choices) => new(kind switch
    {
        TaskKind.Classification => ["text"],
        TaskKind.Entailment => ["premise", "hypothesis"],
        TaskKind.Similarity => ["first", "second"],
        TaskKind.TokenClassification => ["words"],
        TaskKind.QuestionAnswering => ["question", "context"],
        _ => ["context", .. Enumerable.Range(1, choices).Select(static choice => $"choice{choice}")],
    }, kind switch
    {
        TaskKind.TokenClassification => "tags",
        TaskKind.QuestionAnswering => "answers",
        _ => "label",
    });
}
