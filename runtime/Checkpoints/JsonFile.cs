using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>Reads the small JSON files that lie beside weights.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <summary>An object of JSON from a file.</summary>
    /// <exception cref="GptGenException">The file is missing or not a JSON object.</exception>
    internal static JsonDocument Read(string path) => Parse(InputFile.ReadAll(path, "a file of JSON"), path);

    /// <summary>
    /// An object of JSON; <paramref name="source"/> is its name in messages. The numbers that Python writes and JSON lacks are read
    /// (<see cref="PythonNumbers"/>).
    /// </summary>
    /// <exception cref="GptGenException">It is not a JSON object.</exception>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string source)
    {
        JsonDocument document;
        try
        {
            if (FaultOf(bytes.Span) is { } fault)
                throw new JsonException(fault);
            document = JsonDocument.Parse(PythonNumbers.Replace(bytes), Options);
            if (!HasSoundStrings(document.RootElement))
                throw new JsonException("a string has half a surrogate pair");
        }
        catch (JsonException error)
        {
            throw new GptGenException($"'{source}' is not valid JSON ({MessageText.Of(error)}). Download or export it again.", error);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        var kind = document.RootElement.ValueKind;
        document.Dispose();
        throw new GptGenException($"'{source}' is not a JSON object but {Name(kind)}. Download or export it again.");
    }

    /// <summary>What a value is, for messages.</summary>
    internal static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };

    /// <summary>What is wrong with the bytes before they are JSON at all.</summary>
    private static string? FaultOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "it is empty";
        if (bytes.StartsWith("\uFEFF"u8))
            return "it begins with a byte order mark, which readers of JSON refuse: save it as UTF-8 without one";
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return "it is UTF-16: save it as UTF-8";
        if (Utf8.IsValid(bytes))
            return null;
        var rest = bytes;
        while (Rune.DecodeFromUtf8(rest, out _, out var length) == OperationStatus.Done)
            rest = rest[length..];
        return $"it is not UTF-8: byte 0x{rest[0]:X2} at position {bytes.Length - rest.Length}";
    }

    /// <summary>Whether no text of a value has half a surrogate pair.</summary>
    internal static bool HasSoundStrings(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => element.EnumerateObject().All(property => property.Name is not null && HasSoundStrings(property.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(HasSoundStrings),
                JsonValueKind.String => element.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
