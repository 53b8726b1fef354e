using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GptGen.Finetuning;
using GptGen.Text;

namespace GptGen.Checkpoints;

/// <summary>
/// Hugging Face's <c>config.json</c> of a model. It must agree with the class, because a wrong number of heads or a wrong activation function
/// loads without a trace and writes nonsense. <c>ConfigKeys</c> lists the keys that are known; others are named.
/// </summary>
public static class ModelConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "config.json";

    /// <summary>Throws unless the file agrees with the model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="note">Told of keys that are not known.</param>
    /// <exception cref="GptGenException">The file is damaged, or describes another model; the message names the key and both values.</exception>
    public static void Check(string path, ModelDescription model, Action<string>? note = null)
    {
        using var file = ConfigFile.Open(path);
        file.Check(model, note);
    }

    /// <summary>As <c>Check</c> of a file, for JSON that another file carries.</summary>
    internal static void CheckText(string json, string source, ModelDescription model)
    {
        using var file = ConfigFile.Parse(Encoding.UTF8.GetBytes(json), source);
        file.Check(model, note: null);
    }

    /// <summary>
    /// The <c>config.json</c> of a model whose weights are stored as <paramref name="type"/>; it names the end-of-text token of
    /// <paramref name="tokenizer"/>.
    /// </summary>
    public static string Format(ModelDescription model, ElementType type = ElementType.F32, Tokenizer? tokenizer = null) =>
        Format(model, type, tokenizer, labels: null);

    /// <summary>The same with the names of a task head's labels, where it has labels and their names are given.</summary>
    internal static string Format(ModelDescription model, ElementType type, Tokenizer? tokenizer, IReadOnlyList<string>? labels)
    {
        List<(string Name, JsonNode? Value)> keys = [.. model.Config.Select(key => (key.Name, Value(key, type, tokenizer)))];
        if (labels is not null && keys.FindIndex(static key => key.Name == PublishedTask.CountKey) is >= 0 and var place)
            keys.InsertRange(place + 1, PublishedTask.Keys(labels, model.Head!.Classes));
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            Write(json, keys);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>The <c>generation_config.json</c> of a model that writes text: the tokens that begin and end it.</summary>
    internal static string FormatGeneration(ModelDescription model, Tokenizer? tokenizer)
    {
        string[] names = ["bos_token_id", "eos_token_id"];
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            Write(json, [.. model.Config.Where(key => names.Contains(key.Name)).Select(key => (key.Name, Value(key, ElementType.F32, tokenizer)))]);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Keys and values; those of an object within stand side by side and have its name and a dot before their own.</summary>
    private static void Write(Utf8JsonWriter json, IReadOnlyList<(string Name, JsonNode? Value)> keys)
    {
        json.WriteStartObject();
        for (var index = 0; index < keys.Count; index++)
        {
            var (name, value) = keys[index];
            var dot = name.IndexOf('.');
            json.WritePropertyName(dot < 0 ? name : name[..dot]);
            if (dot >= 0)
            {
                var within = keys.Skip(index).TakeWhile(key => key.Name.StartsWith(name[..(dot + 1)], StringComparison.Ordinal)).ToList();
                Write(json, within.ConvertAll(key => (key.Name[(dot + 1)..], key.Value)));
                index += within.Count - 1;
            }
            else if (value is null)
            {
                json.WriteNullValue();
            }
            else
            {
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>What is written: the class's value but where it is the file's or the tokenizer's.</summary>
    private static JsonNode? Value(ConfigKey key, ElementType type, Tokenizer? tokenizer) => key.Name switch
    {
        "torch_dtype" => type switch { ElementType.F16 => "float16", ElementType.BF16 => "bfloat16", _ => "float32" },
        "bos_token_id" when tokenizer is not null => tokenizer.BeginOfText ?? tokenizer.EndOfText,
        "eos_token_id" when tokenizer is not null => tokenizer.EndOfText,
        _ => key.IsNullAbsent && JsonNode.DeepEquals(key.Value, key.Absent) ? null : key.Value,
    };
}
