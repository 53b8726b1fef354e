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
    internal static void Write(string path, LabelSet labels, IReadOnlyList<float[]> predictions) =>
        AtomicFile.Write(path, stream => Write(stream, IsJson(path), labels, predictions));

    internal static void Write(Stream stream, bool asJson, LabelSet labels, IReadOnlyList<float[]> predictions)
    {
        if (asJson)
            WriteJson(stream, labels, predictions);
        else
            WriteTable(stream, labels, predictions);
    }

    private static void WriteTable(Stream stream, LabelSet labels, IReadOnlyList<float[]> predictions)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine($"example\tprediction\t{string.Join('\t', labels.Names.Select(static name => $"p({OneLine(name)})"))}");
        for (var example = 0; example < predictions.Count; example++)
        {
            var probabilities = string.Join('\t', predictions[example].Select(static value => value.ToString("F4", CultureInfo.InvariantCulture)));
            writer.WriteLine($"{example + 1}\t{OneLine(labels.Names[TaskMetrics.Best(predictions[example])])}\t{probabilities}");
        }
    }

    private static void WriteJson(Stream stream, LabelSet labels, IReadOnlyList<float[]> predictions)
    {
        using var writer = new Utf8JsonWriter(stream);
        for (var example = 0; example < predictions.Count; example++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("example", example + 1);
            writer.WriteString("prediction", labels.Names[TaskMetrics.Best(predictions[example])]);
            writer.WriteStartObject("probabilities");
            for (var label = 0; label < labels.Names.Count; label++)
                writer.WriteNumber(labels.Names[label], predictions[example][label]);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            stream.WriteByte((byte)'\n');
        }
    }

    private static string OneLine(string label) => label.ReplaceLineEndings(" ").Replace('\t', ' ');
}
