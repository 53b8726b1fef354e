namespace GptGen.Finetuning;

/// <summary>An example of a task.</summary>
/// <param name="Texts">Its texts, in the order of <c>TaskHead.Encode</c>.</param>
/// <param name="Label">Its label or right choice; null where it is not known.</param>
/// <param name="Source">Where it comes from, for messages: file and line.</param>
public sealed record TaskExample(IReadOnlyList<string> Texts, string? Label, string Source = "an example")
{
    /// <summary>Of a text whose words have tags, which <see cref="Texts"/> then are: the tag of each; null where they are not known.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>
    /// Of a question and the context in which its answer stands, the right answers and the indices in its string that they begin at; none where
    /// the context has no answer, null where that is not known.
    /// </summary>
    public IReadOnlyList<(string Text, int Start)>? Answers { get; init; }

    /// <summary>A question's name in its file; null where it has none.</summary>
    public string? Id { get; init; }
}
