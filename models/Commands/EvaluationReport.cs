using System.Globalization;
using System.Text.Json;

namespace GptGen.Models.Commands;

/// <summary>The numbers that an evaluation ends with.</summary>
internal sealed class EvaluationReport
{
    private readonly List<(string Key, double Value, string Label, string Text)> rows = [];

    /// <summary>Adds a count.</summary>
    internal EvaluationReport Count(string key, string label, long value, string unit = "") => Add(key, value, label, "F0", unit);

    /// <summary>Adds a measure.</summary>
    internal EvaluationReport Number(string key, string label, double value, string format, string unit = "") => Add(key, value, label, format, unit);

    /// <summary>Adds a share of 1, shown in percent.</summary>
    internal EvaluationReport Share(string key, string label, double value)
    {
        rows.Add((key, value, label, Percent(value)));
        return this;
    }

    /// <summary>A share of 1 in percent.</summary>
    internal static string Percent(double value) => (100 * value).ToString("F2", CultureInfo.InvariantCulture) + " %";

    /// <summary>Writes a table, or one JSON object.</summary>
    internal void Write(bool json)
    {
        if (!json)
        {
            var width = rows.Max(static row => row.Label.Length) + 2;
            foreach (var row in rows)
                Console.WriteLine(row.Label.PadRight(width) + row.Text);
            return;
        }

        using var output = Screen.OpenOutput();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            foreach (var row in rows)
            {
                // A text without words has no perplexity per word, and JSON no infinity.
                if (double.IsFinite(row.Value))
                    writer.WriteNumber(row.Key, row.Value);
                else
                    writer.WriteNull(row.Key);
            }

            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private EvaluationReport Add(string key, double value, string label, string format, string unit)
    {
        rows.Add((key, value, label, $"{value.ToString(format, CultureInfo.InvariantCulture)} {unit}".TrimEnd()));
        return this;
    }
}
