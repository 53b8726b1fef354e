using System.Globalization;
using System.Text;
using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary>Predictions as a file that programs and <c>gptgen</c> itself read: a table with a line of names, or JSON.</summary>
internal static class PredictionFile
{
    /// <exception cref="GptGenException">The file cannot be written.</exception>
    internal static void Write(
        string path, PredictionFormat format, TaskTargets targets, IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions) =>
        AtomicFile.Write(path, stream => Write(stream, format, targets, examples, predictions));

    internal static void Write(
        Stream stream, PredictionFormat format, TaskTargets targets, IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions)
    {
        if (targets is TagSet tags)
            TagPredictionFile.Write(stream, format, tags, examples, predictions);
        else if (targets is AnswerSpans spans)
            AnswerPredictionFile.Write(stream, format, spans, examples, predictions);
        else if (format is PredictionFormat.JsonLines or PredictionFormat.JsonArray)
            WriteJson(stream, format == PredictionFormat.JsonArray, targets, predictions);
        else
            WriteTable(stream, format, targets, predictions);
    }

    private static void WriteTable(Stream stream, PredictionFormat format, TaskTargets targets, IReadOnlyList<float[]> predictions)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        var names = targets is LabelSet labels ? labels.Names : [];
        var separator = format == PredictionFormat.Commas ? ',' : '\t';
        // Between tabs nothing is quoted unless a label forces it; then every name of the first line is, by which readers tell.
        var isQuoted = separator == ',' || names.Any(static name => name.StartsWith('"') || name.AsSpan().IndexOfAny('\t', '\n', '\r') >= 0);
        string Field(string text, bool always = false) =>
            isQuoted && (always || text.AsSpan().IndexOfAny([separator, '"', '\n', '\r']) >= 0) ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
        writer.WriteLine(string.Join(separator, ((IEnumerable<string>)["example", "prediction", .. names.Select(static name => $"p({name})")])
            .Select(name => Field(name, always: isQuoted && separator == '\t'))));
        for (var example = 0; example < predictions.Count; example++)
        {
            var prediction = predictions[example];
            writer.WriteLine(targets is GradeScale scale
                ? $"{example + 1}{separator}{Digits(scale.GradeOf(prediction[0]))}"
                : $"{example + 1}{separator}{Field(names[TaskMetrics.Best(prediction)])}{separator}"
                    + string.Join(separator, prediction.Select(static value => Digits(value))));
        }
    }

    private static void WriteJson(Stream stream, bool asArray, TaskTargets targets, IReadOnlyList<float[]> predictions)
    {
        using var writer = new Utf8JsonWriter(stream);
        if (asArray)
            stream.Write("[\n"u8);
        for (var example = 0; example < predictions.Count; example++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("example", example + 1);
            if (targets is LabelSet labels)
                WriteLabel(writer, labels, predictions[example]);
            else
                writer.WriteNumber("prediction", ((GradeScale)targets).GradeOf(predictions[example][0]));
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            stream.Write(asArray && example < predictions.Count - 1 ? ",\n"u8 : "\n"u8);
        }

        if (asArray)
            stream.Write("]\n"u8);
    }

    private static void WriteLabel(Utf8JsonWriter writer, LabelSet labels, float[] probabilities)
    {
        writer.WriteString("prediction", labels.Names[TaskMetrics.Best(probabilities)]);
        writer.WriteStartObject("probabilities");
        for (var label = 0; label < labels.Names.Count; label++)
            writer.WriteNumber(labels.Names[label], probabilities[label]);
        writer.WriteEndObject();
    }

    private static string Digits(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
