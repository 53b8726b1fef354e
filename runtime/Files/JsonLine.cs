using System.Globalization;
using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Files;

/// <summary>
/// One object of a file of JSON lines, whose mistakes are told with file and line. The objects may also span lines, or be the elements of one array,
/// as most files named <c>.json</c> have them.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The line that it begins on, from 1.</param>
/// <param name="Object">The object.</param>
internal readonly record struct JsonLine(string Path, int Number, JsonElement Object)
{
    private const int Deepest = 64;

    /// <summary>The objects of a file.</summary>
    /// <exception cref="GptGenException">The file cannot be read, or a line is no JSON object.</exception>
    internal static IEnumerable<JsonLine> Read(string path) => Read(path, FileBytes(path));

    /// <summary>The objects of a file's text. Each lasts until the next is asked for.</summary>
    /// <exception cref="GptGenException">A line is no JSON object.</exception>
    internal static IEnumerable<JsonLine> Read(string path, ReadOnlyMemory<byte> text)
    {
        text = PythonNumbers.Replace(text);
        foreach (var (part, number) in HasObjectsAsLines(text.Span) ? Lines(text) : Values(path, text))
        {
            using var document = Parse(path, number, part);
            yield return new(path, number, document.RootElement);
        }
    }

    /// <summary>A file's text in UTF-8 without a byte order mark.</summary>
    /// <exception cref="GptGenException">The file cannot be read, or is no text.</exception>
    internal static ReadOnlyMemory<byte> FileBytes(string path) => TextFile.Read(path, "a file of examples");

    /// <summary>Where the object stands, for messages.</summary>
    internal string Place => $"'{Path}', line {Number}";

    /// <summary>A text that is not blank.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    internal string Text(string name) =>
        Object.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString())
            ? value.GetString()!
            : throw Wrong($"has no text '{name}'");

    /// <summary>A list of texts that are not blank.</summary>
    /// <exception cref="GptGenException">There is none, or it has fewer than <paramref name="least"/>.</exception>
    internal string[] Texts(string name, int least)
    {
        if (!Object.TryGetProperty(name, out var values) || values.ValueKind != JsonValueKind.Array)
            throw Wrong($"has no list '{name}'");
        var texts = values.EnumerateArray().Select(static value => value.ValueKind == JsonValueKind.String ? value.GetString()! : "").ToArray();
        if (texts.Length < least)
            throw Wrong($"has {texts.Length} texts in '{name}', but must have at least {least}");
        return !texts.Any(string.IsNullOrWhiteSpace) ? texts : throw Wrong($"has something else than text, or an empty text, in '{name}'");
    }

    /// <summary>A whole number, which some files write as a text, and pandas as 1.0.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    internal int Whole(string name)
    {
        var text = !Object.TryGetProperty(name, out var value) ? null
            : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
            : value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number == (int)Math.Clamp(number, int.MinValue, int.MaxValue)
            ? (int)number
            : throw Wrong($"has no whole number '{name}'");
    }

    /// <summary>A mistake of this line.</summary>
    internal GptGenException Wrong(string what) =>
        new($"{Place} {what}: correct the line or leave it out, and check that the file is of the kind asked for.");

    /// <summary>Whether the first line is a whole object, so that a mistake in a later one does not draw in its neighbours.</summary>
    private static bool HasObjectsAsLines(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        var end = text.IndexOfAny((byte)'\n', (byte)'\r');
        return !text.StartsWith("["u8) && (end < 0 ? text : text[..end]).TrimEnd(" \t"u8).EndsWith("}"u8);
    }

    /// <summary>Lines that are not blank. They end with LF, CR LF or CR alone, none of which occurs inside JSON's strings.</summary>
    private static IEnumerable<(ReadOnlyMemory<byte> Part, int Number)> Lines(ReadOnlyMemory<byte> rest)
    {
        for (var number = 1; !rest.IsEmpty; number++)
        {
            var end = rest.Span.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + (rest.Span[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
            if (!line.Span.Trim(" \t"u8).IsEmpty)
                yield return (line, number);
        }
    }

    /// <summary>Values one after another, and those inside of arrays at the top.</summary>
    private static List<(ReadOnlyMemory<byte> Part, int Number)> Values(string path, ReadOnlyMemory<byte> text)
    {
        var values = new List<(ReadOnlyMemory<byte>, int)>();
        var reader = new Utf8JsonReader(text.Span, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = Deepest });
        var (line, counted) = (1, 0);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0 && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
                    continue;
                var start = (int)reader.TokenStartIndex;
                line += CountLines(text.Span[counted..start]);
                counted = start;
                reader.Skip();
                values.Add((text[start..(int)reader.BytesConsumed], line));
            }
        }
        catch (JsonException error)
        {
            throw Invalid(path, (int)(error.LineNumber ?? 0) + 1, error);
        }

        return values;
    }

    private static int CountLines(ReadOnlySpan<byte> text) => text.Count((byte)'\n') + (text.Contains((byte)'\n') ? 0 : text.Count((byte)'\r'));

    private static JsonDocument Parse(string path, int number, ReadOnlyMemory<byte> part)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(part, new JsonDocumentOptions { MaxDepth = Deepest });
        }
        catch (JsonException error)
        {
            throw Invalid(path, number, error);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object && JsonFile.HasSoundStrings(document.RootElement))
            return document;
        var isObject = document.RootElement.ValueKind == JsonValueKind.Object;
        document.Dispose();
        throw isObject
            ? new GptGenException($"'{path}', line {number} is not valid JSON (a string has half a surrogate pair): write the file again.")
            : new GptGenException(
                $"'{path}', line {number} is not a JSON object: write {{\"column\": \"text\", …}} on each line, "
                + "or one array of such objects (pandas: to_json(orient='records')).");
    }

    private static GptGenException Invalid(string path, int number, JsonException error) =>
        new($"'{path}', line {number} is not valid JSON ({MessageText.Of(error)}): write one object a line, or one array of objects.", error);
}
