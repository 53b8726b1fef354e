using System.Text.RegularExpressions;

namespace GptGen.Models.Commands;

/// <summary>
/// Names of models in messages. The runtime knows a model by its class; people who use the command line know it as <c>gptgen models</c> lists it.
/// </summary>
internal static partial class ModelNames
{
    private static readonly Dictionary<string, string> s_names = Zoo.Models.Select(static entry => (entry.Description.Name, entry.Name))
        .Concat(TaskZoo.Models.Select(static entry => (entry.Description.Name, $"{entry.Body} with a head for {Task(entry.Head)}")))
        .ToDictionary(static pair => pair.Item1, static pair => pair.Item2);

    /// <summary>A message with the names that people know. What it quotes, such as a path, stays as it is.</summary>
    internal static string Translate(string message) =>
        QuotedOrWord().Replace(message, static match => s_names.GetValueOrDefault(match.Value, match.Value));

    private static string Task(TaskHead head) => head.Kind switch
    {
        TaskKind.MultipleChoice => $"{head.Classes} choices",
        TaskKind.Similarity => head.IsGraded ? "grades" : "similarity",
        TaskKind.TokenClassification => "tags",
        TaskKind.QuestionAnswering => "answers",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    // An apostrophe within a word, as in "the model's", begins no quotation.
    [GeneratedRegex(@"(?<!\w)'[^']*'|\w+")]
    private static partial Regex QuotedOrWord();
}
