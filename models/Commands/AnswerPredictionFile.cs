using System.Text;
using System.Text.Json;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary>
/// Predicted answers: a table of questions' names and answers, objects of JSON, or one object of both as SQuAD's evaluation script reads it.
/// </summary>
internal static class AnswerPredictionFile
{
    internal static void Write(
        Stream stream, PredictionFormat format, AnswerSpans spans, IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions)
    {
        List<(string Id, string Answer)> answers =
        [
            .. examples.Zip(predictions).GroupBy(static part => part.First.Source!, ReferenceEqualityComparer.Instance)
                .Select((question, index) => (
                    ((TaskExample)question.Key!).Id ?? $"{index + 1}",
                    spans.AnswerOf(question.Select(static part => part.First), question.Select(static part => part.Second)))),
        ];
        if (format is PredictionFormat.Tabs or PredictionFormat.Commas)
            WriteTable(stream, format == PredictionFormat.Tabs ? '\t' : ',', answers);
        else
            WriteJson(stream, format == PredictionFormat.JsonArray, answers);
    }

    private static void WriteTable(Stream stream, char separator, List<(string Id, string Answer)> answers)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine($"example{separator}prediction");
        foreach (var (id, answer) in answers)
            writer.WriteLine($"{Field(id, separator)}{separator}{Field(answer, separator)}");
    }

    /// <summary>Between tabs a text has no line ends and tabs; between commas it is quoted where it has some.</summary>
    private static string Field(string text, char separator) =>
        separator == '\t' ? string.Join(' ', text.Split(['\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        : text.AsSpan().IndexOfAny([',', '"', '\n', '\r']) < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";

    private static void WriteJson(Stream stream, bool asOne, List<(string Id, string Answer)> answers)
    {
        using var writer = new Utf8JsonWriter(stream);
        if (asOne)
        {
            writer.WriteStartObject();
            foreach (var (id, answer) in answers)
                writer.WriteString(id, answer);
            writer.WriteEndObject();
            writer.Flush();
            stream.Write("\n"u8);
            return;
        }

        foreach (var (id, answer) in answers)
        {
            writer.WriteStartObject();
            writer.WriteString("example", id);
            writer.WriteString("prediction", answer);
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            stream.Write("\n"u8);
        }
    }
}
