using System.Text.Json;
using GptGen.Files;

namespace GptGen.Finetuning;

/// <summary>
/// Reads questions with the texts that answer them: SQuAD's file, or JSON objects with context, question and answers, one a line or in an array. An
/// answer is a text and the number of the character that it begins at in the context: a code point, as Python counts, where .NET counts UTF-16 units.
/// </summary>
internal static class AnswerFile
{
    private const string IdKey = "id";
    private const string TextKey = "text";
    private const string StartKey = "answer_start";

    /// <summary>The questions of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The names of question, context and answers in objects a line.</param>
    /// <param name="needsAnswers">Whether each must say its answers, of which there may be none.</param>
    /// <exception cref="GptGenException">The file cannot be read, or an object is damaged; the message names file and line.</exception>
    internal static IReadOnlyList<TaskExample> Read(string path, TaskColumns columns, bool needsAnswers)
    {
        if (columns.Texts.Count != 2)
        {
            throw new GptGenException(
                $"TaskColumns.Texts names {columns.Texts.Count} columns, but must name those of the question and of the context.");
        }

        var examples = new List<TaskExample>();
        foreach (var line in JsonLine.Read(path))
        {
            if (line.Object.TryGetProperty("data", out var articles) && articles.ValueKind == JsonValueKind.Array)
                examples.AddRange(OfArticles(line, articles, needsAnswers));
            else
                examples.Add(Of(line, line.Text(columns.Texts[0]), line.Text(columns.Texts[1]), line.Object, columns.Label, needsAnswers));
        }

        return examples.Count > 0 ? examples : throw new GptGenException($"'{path}' has no questions: give a file with at least one.");
    }

    private static IEnumerable<TaskExample> OfArticles(JsonLine line, JsonElement articles, bool needsAnswers)
    {
        foreach (var article in articles.EnumerateArray())
        {
            foreach (var paragraph in List(line, article, "paragraphs"))
            {
                var context = new JsonLine(line.Path, line.Number, paragraph).Text("context");
                foreach (var question in List(line, paragraph, "qas"))
                {
                    yield return Of(
                        line, new JsonLine(line.Path, line.Number, question).Text("question"), context, question, "answers", needsAnswers);
                }
            }
        }
    }

    private static TaskExample Of(JsonLine line, string question, string context, JsonElement item, string answersKey, bool needsAnswers)
    {
        var hasId = item.TryGetProperty(IdKey, out var given) && given.ValueKind is JsonValueKind.String or JsonValueKind.Number;
        var id = hasId ? given.ToString() : null;
        var source = $"{line.Path}, line {line.Number}{(id is null ? "" : $", question '{MessageText.Shorten(id)}'")}";
        var answers = item.TryGetProperty(answersKey, out var there) && there.ValueKind != JsonValueKind.Null ? Answers(there, source) : null;
        if (answers is null && needsAnswers)
            throw new GptGenException(
                $"{source}: there are no '{answersKey}': give text and {StartKey} of each, or an empty list where there is none.");
        foreach (ref var answer in answers.AsSpan())
        {
            var (text, character) = answer;
            var start = IndexOf(context, character);
            if (start < 0 || !context.AsSpan(start).StartsWith(text, StringComparison.Ordinal))
            {
                throw new GptGenException(
                    $"{source}: the answer '{MessageText.Shorten(text)}' does not stand at character {character} of its context: correct {StartKey}, "
                    + "which counts Unicode code points from 0.");
            }

            answer.Start = start;
        }

        return new([question, context], null, source) { Answers = answers, Id = id };
    }

    /// <summary>The index of a code point; negative where a text has none of that number.</summary>
    private static int IndexOf(string text, int codePoint)
    {
        if (codePoint < 0 || codePoint > text.Length)
            return -1;
        var index = 0;
        for (; codePoint > 0 && index < text.Length; codePoint--)
            index += index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
        return codePoint == 0 ? index : -1;
    }

    /// <summary>Objects of text and start, or, as Hugging Face's data sets have them, one of two lists.</summary>
    private static (string Text, int Start)[] Answers(JsonElement answers, string source)
    {
        if (answers.ValueKind == JsonValueKind.Object && answers.TryGetProperty(TextKey, out var texts) && texts.ValueKind == JsonValueKind.Array
            && answers.TryGetProperty(StartKey, out var starts) && starts.ValueKind == JsonValueKind.Array
            && texts.GetArrayLength() == starts.GetArrayLength())
        {
            return [.. texts.EnumerateArray().Zip(starts.EnumerateArray(), (text, start) => Answer(text, start, source))];
        }

        if (answers.ValueKind != JsonValueKind.Array)
            throw Damaged(source);
        return
        [
            .. answers.EnumerateArray().Select(answer =>
                answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(TextKey, out var text)
                && answer.TryGetProperty(StartKey, out var start)
                    ? Answer(text, start, source)
                    : throw Damaged(source)),
        ];
    }

    private static (string Text, int Start) Answer(JsonElement text, JsonElement start, string source) =>
        text.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(text.GetString())
        && start.ValueKind == JsonValueKind.Number && start.TryGetInt32(out var number)
            ? (text.GetString()!, number)
            : throw Damaged(source);

    private static IEnumerable<JsonElement> List(JsonLine line, JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw line.Wrong($"has no list '{name}' where SQuAD's files have one");

    private static GptGenException Damaged(string source) => new(
        $"{source}: an answer is not {{\"{TextKey}\": …, \"{StartKey}\": …}}: correct it, or leave the question out.");
}
