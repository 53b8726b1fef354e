using System.Text.Encodings.Web;
using System.Text.Json;

namespace GptGen.Text;

/// <summary>Objects of JSON as files have them, with letters of all scripts as they are.</summary>
internal static class JsonBytes
{
    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions s_indented = s_compact with { Indented = true, NewLine = "\n" };

    /// <summary>An object in one line, of whose properties <paramref name="content"/> writes each.</summary>
    internal static byte[] Compact(Action<Utf8JsonWriter> content) => Write(content, s_compact);

    /// <summary>The same with a line for each property.</summary>
    internal static byte[] Indented(Action<Utf8JsonWriter> content) => Write(content, s_indented);

    private static byte[] Write(Action<Utf8JsonWriter> content, JsonWriterOptions options)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
