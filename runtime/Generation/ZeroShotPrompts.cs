namespace GptGen.Generation;

/// <summary>A sentence and its translation.</summary>
/// <param name="English">The sentence.</param>
/// <param name="French">Its translation, into whichever language the examples agree on.</param>
public sealed record TranslationPair(string English, string French);

/// <summary>A question of a conversation with its answer.</summary>
/// <param name="Question">The question.</param>
/// <param name="Answer">The answer.</param>
public sealed record QuestionAnswer(string Question, string Answer);

/// <summary>
/// The prompts that make a language model do a task it was not trained for (Radford et al. 2019, sections 3.5 to 3.7), in two parts: what may be cut
/// where the context is short, and what may not.
/// </summary>
internal static class ZeroShotPrompts
{
    /// <summary>What follows an article.</summary>
    internal const string SummaryEnding = "\nTL;DR:";

    /// <summary>The article without the white space at its end.</summary>
    internal static string Article(string article) => article.TrimEnd();

    /// <summary>One line an example, <c>english = french</c>.</summary>
    internal static string[] TranslationLines(IReadOnlyList<TranslationPair> examples) =>
        [.. examples.Select(static pair => $"{OneLine(pair.English)} = {OneLine(pair.French)}\n")];

    /// <summary>The line that the model completes.</summary>
    internal static string TranslationEnding(string text) => $"{OneLine(text)} =";

    /// <summary>The conversation so far, the question and <c>A:</c>, each on a line of its own after the document.</summary>
    internal static string QuestionEnding(IReadOnlyList<QuestionAnswer> history, string question) =>
        string.Concat(history.Select(static turn => $"\nQ: {OneLine(turn.Question)}\nA: {OneLine(turn.Answer)}")) + $"\nQ: {OneLine(question)}\nA:";

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
