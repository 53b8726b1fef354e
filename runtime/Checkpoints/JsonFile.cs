using System.Text.Json;
using System.Text.Unicode;

namespace GptGen.Checkpoints;

/// <summary>Reads the small JSON files that lie beside weights.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <summary>An object of JSON from a file.</summary>
    /// <exception cref="GptGenException">The file is missing or not a JSON object.</exception>
    internal static JsonDocument Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"Cannot read '{path}': {error.Message.TrimEnd('.')}. Check the path.", error);
        }

        return Parse(bytes, path);
    }

    /// <summary>An object of JSON; <paramref name="source"/> is its name in messages.</summary>
    /// <exception cref="GptGenException">It is not a JSON object.</exception>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string source)
    {
        JsonDocument document;
        try
        {
            if (!Utf8.IsValid(bytes.Span))
                throw new JsonException("it is not UTF-8");
            document = JsonDocument.Parse(bytes, Options);
            if (!HasSoundStrings(document.RootElement))
                throw new JsonException("a string has half a surrogate pair");
        }
        catch (JsonException error)
        {
            throw new GptGenException($"'{source}' is not valid JSON ({MessageText.Of(error)}). Download or export it again.", error);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new GptGenException($"'{source}' is not a JSON object. Download or export it again.");
    }

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
