using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Evaluation;

/// <summary>One line of a file of JSON lines, whose mistakes are told with file and line.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The line, from 1.</param>
/// <param name="Object">The line's object.</param>
internal readonly record struct JsonLine(string Path, int Number, JsonElement Object)
{
    /// <summary>The lines of a file that are not empty.</summary>
    /// <exception cref="GptGenException">The file cannot be read, or a line is no JSON object.</exception>
    internal static IEnumerable<JsonLine> Read(string path)
    {
        ReadOnlyMemory<byte> rest = FileBytes(path);
        for (var number = 1; !rest.IsEmpty; number++)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            using var document = JsonFile.Parse(line, $"{path}, line {number}");
            yield return new(path, number, document.RootElement);
        }
    }

    /// <summary>A file's bytes without a byte order mark.</summary>
    /// <exception cref="GptGenException">The file cannot be read.</exception>
    internal static ReadOnlyMemory<byte> FileBytes(string path)
    {
        try
        {
            ReadOnlyMemory<byte> bytes = File.ReadAllBytes(path);
            return bytes.Span.StartsWith("\uFEFF"u8) ? bytes["\uFEFF"u8.Length..] : bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"Cannot read '{path}': {error.Message.TrimEnd('.')}. Check the path.", error);
        }
    }

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

    /// <summary>A whole number, which some files write as a text.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    internal int Whole(string name)
    {
        var number = 0;
        return Object.TryGetProperty(name, out var value)
            && (value.ValueKind == JsonValueKind.Number ? value.TryGetInt32(out number) : value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), out number))
            ? number
            : throw Wrong($"has no whole number '{name}'");
    }

    /// <summary>A mistake of this line.</summary>
    internal GptGenException Wrong(string what) => new($"'{Path}', line {Number} {what}: correct the line or leave it out, and check that the file is of the kind asked for.");
}
