namespace GptGen.Finetuning;

/// <summary>An example of a task.</summary>
/// <param name="Texts">Its texts, in the order of <c>TaskHead.Encode</c>.</param>
/// <param name="Label">Its label or right choice; null where it is not known.</param>
/// <param name="Source">Where it comes from, for messages: file and line.</param>
public sealed record TaskExample(IReadOnlyList<string> Texts, string? Label, string Source = "an example");
