using System.Buffers;
using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Finetuning;

/// <summary>What a fine-tuned model's folder says of its task, beside the weights: <c>task.json</c>.</summary>
/// <param name="Kind">The task.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Tokenizer">The tokenizer's name or folder; <c>.</c> where its files lie in the model's own folder.</param>
/// <param name="Length">The most tokens of a sequence in training.</param>
/// <param name="Truncate">Whether longer examples were cut.</param>
/// <param name="Columns">The columns of its data.</param>
/// <param name="Targets">The labels, in the order of the head's scores, or the scale of the grades.</param>
public sealed record FinetunedTask(TaskKind Kind, string Model, string Tokenizer, int Length, bool Truncate, TaskColumns Columns, TaskTargets Targets)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "task.json";

    private const string GradesKey = "grades";

    /// <summary>Writes the file into a folder.</summary>
    /// <exception cref="GptGenException">It cannot be written.</exception>
    public void Save(string folder)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("task", Kind.ToString());
            json.WriteString("model", Model);
            json.WriteString("tokenizer", Tokenizer);
            json.WriteNumber("length", Length);
            json.WriteBoolean("truncate", Truncate);
            WriteStrings(json, "texts", Columns.Texts);
            json.WriteString("label", Columns.Label);
            WriteTargets(json);
            json.WriteEndObject();
        }

        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(buffer.WrittenSpan));
    }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="GptGenException">There is none, or it is damaged.</exception>
    public static FinetunedTask Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new GptGenException($"'{folder}' is no folder of a fine-tuned model: it has no {FileName}. Name the one that 'gptgen finetune' wrote.");
        using var document = JsonFile.Read(path);
        var root = document.RootElement;
        try
        {
            return new(
                Enum.Parse<TaskKind>(root.GetProperty("task").GetString()!),
                root.GetProperty("model").GetString()!,
                root.GetProperty("tokenizer").GetString()!,
                root.GetProperty("length").GetInt32(),
                root.GetProperty("truncate").GetBoolean(),
                new(Strings(root, "texts"), root.GetProperty("label").GetString()!),
                ReadTargets(root));
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new GptGenException($"'{path}' is damaged ({MessageText.Of(error)}): restore it, or fine-tune again.", error);
        }
    }

    private void WriteTargets(Utf8JsonWriter json)
    {
        if (Targets is GradeScale grades)
        {
            json.WriteStartObject(GradesKey);
            json.WriteNumber("mean", grades.Mean);
            json.WriteNumber("deviation", grades.Deviation);
            json.WriteEndObject();
        }
        else
        {
            WriteStrings(json, "labels", ((LabelSet)Targets).Names);
        }
    }

    private static TaskTargets ReadTargets(JsonElement root) => root.TryGetProperty(GradesKey, out var grades)
        ? new GradeScale(grades.GetProperty("mean").GetDouble(), grades.GetProperty("deviation").GetDouble())
        : new LabelSet(Strings(root, "labels"));

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string[] Strings(JsonElement root, string name) => [.. root.GetProperty(name).EnumerateArray().Select(static item => item.GetString()!)];
}
