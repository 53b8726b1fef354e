using System.CommandLine;
using GptGen.Generation;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen answer</c>: an answer to a question about a document by prompt.</summary>
internal static class AnswerCommand
{
    internal static Command Create()
    {
        var question = new Option<string>("--question") { Description = "The question.", Required = true, HelpName = "text" };
        var history = new Option<string?>("--history")
        {
            Description = "A file with the conversation so far: lines 'Q: …' and 'A: …' in turn.",
            HelpName = "file",
        };
        IReadOnlyList<QuestionAnswer> turns = [];
        return ZeroShotCommand.Create(
            "answer",
            "Answer a question about a document by prompt alone: document, conversation, A:, greedy.",
            new("document"),
            "the document",
            [question, history],
            result => turns = result.GetValue(history) is { } file ? Turns(file) : [],
            (zeroShot, document, result, tokens, cancellation) => zeroShot.Answer(document, turns, result.GetValue(question)!, tokens, cancellation));
    }

    private static List<QuestionAnswer> Turns(string file)
    {
        var turns = new List<QuestionAnswer>();
        string? question = null;
        var lines = InputText.ReadFile(file).Split('\n', StringSplitOptions.TrimEntries);
        for (var line = 0; line < lines.Length; line++)
        {
            if (lines[line].Length == 0)
                continue;
            var (start, kind) = question is null ? ("Q:", "question") : ("A:", "answer");
            if (!lines[line].StartsWith(start, StringComparison.Ordinal))
                throw new GptGenException($"'{file}', line {line + 1} is '{lines[line]}', but must be a {kind} and begin with '{start}'.");
            var text = lines[line][start.Length..].Trim();
            if (question is not null)
                turns.Add(new(question, text));
            question = question is null ? text : null;
        }

        return question is null
            ? turns
            : throw new GptGenException($"'{file}' ends with a question: add its answer 'A: …', or ask it with --question.");
    }
}
