using System.Text;
using Microsoft.Extensions.AI;

namespace GptGen.Extensions.AI;

/// <summary>How a conversation becomes the prompt of a model that only continues text.</summary>
/// <param name="Format">Makes the prompt of the messages, which are in order and hold text only.</param>
/// <param name="Stop">An answer ends before any of these.</param>
/// <param name="TrimsStart">Whether white space at the answer's beginning belongs to the template.</param>
public sealed record ChatTemplate(Func<IReadOnlyList<ChatMessage>, string> Format, IReadOnlyList<string> Stop, bool TrimsStart)
{
    /// <summary>The messages' texts one after the other with nothing added: the model goes on where they end.</summary>
    public static ChatTemplate Completion { get; } =
        new(static messages => string.Concat(messages.Select(static message => message.Text)), Stop: [], TrimsStart: false);

    /// <summary>
    /// GPT-2's form for questions (Radford et al. 2019, section 3.7): system messages as plain lines, then <c>Q: …</c> and <c>A: …</c> in turn, and
    /// <c>A:</c> at the end. An answer ends before the next question.
    /// </summary>
    public static ChatTemplate QuestionAnswer { get; } = new(FormatQuestions, Stop: ["\nQ:"], TrimsStart: true);

    private static string FormatQuestions(IReadOnlyList<ChatMessage> messages)
    {
        var prompt = new StringBuilder();
        foreach (var message in messages)
        {
            var start = message.Role == ChatRole.User ? "Q: " : message.Role == ChatRole.Assistant ? "A: " : "";
            prompt.Append(start).Append(message.Text.Trim()).Append('\n');
        }

        return prompt.Append("A:").ToString();
    }
}
