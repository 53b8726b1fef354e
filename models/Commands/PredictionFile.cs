using System.Globalization;
using System.Text;
using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary>Predictions as a file: JSON lines if its name ends so, otherwise separated by tabs with a line of names.</summary>
internal static class PredictionFile
{
    /// <summary>Whether a name means JSON lines.</summary>
    internal static bool IsJson(string path) => path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="GptGenException">The file cannot be written.</exception>
    internal static void Write(string path, TaskTargets targets, IReadOnlyList<float[]> predictions) =>
        AtomicFile.Write(path, stream => Write(stream, IsJson(path), targets, predictions));

    internal static void Write(Stream stream, bool asJson, TaskTargets targets, IReadOnlyList<float[]> predictions)
    {
        if (asJson)
            WriteJson(stream, targets, predictions);
        else
            WriteTable(stream, targets, predictions);
    }

    private static void WriteTable(Stream stream, TaskTargets targets, IReadOnlyList<float[]> predictions)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(targets is LabelSet named
            ? $"example\tprediction\t{string.Join('\t', named.Names.Select(static name => $"p({OneLine(name)})"))}"
            : "example\tprediction");
        for (var example = 0; example < predictions.Count; example++)
        {
            var prediction = predictions[example];
            writer.WriteLine(targets is LabelSet labels
                ? $"{example + 1}\t{OneLine(labels.Names[TaskMetrics.Best(prediction)])}\t{string.Join('\t', prediction.Select(static value => Digits(value)))}"
                : $"{example + 1}\t{Digits(((GradeScale)targets).GradeOf(prediction[0]))}");
        }
    }

    private static void WriteJson(Stream stream, TaskTargets targets, IReadOnlyList<float[]> predictions)
    {
        using var writer = new Utf8JsonWriter(stream);
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
            stream.WriteByte((byte)'\n');
        }
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

    private static string OneLine(string label) => label.ReplaceLineEndings(" ").Replace('\t', ' ');
}
