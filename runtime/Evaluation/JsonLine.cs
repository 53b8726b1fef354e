using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Files;

namespace GptGen.Evaluation;

/// <summary>One line of a file of JSON lines, whose mistakes are told with file and line.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The line, from 1.</param>
/// <param name="Object">The line's object.</param>
internal readonly record struct JsonLine(string Path, int Number, JsonElement Object)
{
    /// <summary>The lines of a file that are not empty.</summary>
    /// <exception cref="GptGenException">A line is no JSON object.</exception>
    internal static IEnumerable<JsonLine> Read(string path, ReadOnlyMemory<byte> bytes)
    {
        var rest = bytes;
        for (var number = 1; !rest.IsEmpty; number++)
        {
            // CR LF, LF, or CR alone as on old Macintoshes.
            var end = rest.Span.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + (rest.Span[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
            if (line.Span.Trim(" \t"u8).IsEmpty)
                continue;
            using var document = JsonFile.Parse(line, $"{path}, line {number}");
            yield return new(path, number, document.RootElement);
        }
    }

    /// <summary>A file's bytes without a byte order mark.</summary>
    /// <exception cref="GptGenException">The file cannot be read.</exception>
    internal static ReadOnlyMemory<byte> FileBytes(string path)
    {
        ReadOnlyMemory<byte> bytes = InputFile.ReadAll(path, "the benchmark's file");
        return bytes.Span.StartsWith("\uFEFF"u8) ? bytes["\uFEFF"u8.Length..] : bytes;
    }

    /// <summary>Where the line stands, for messages.</summary>
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
    internal GptGenException Wrong(string what) => new($"{Place} {what}: correct the line or leave it out, and check that the file is of the kind asked for.");
}
