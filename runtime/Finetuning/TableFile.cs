using System.Text;
using GptGen.Files;

namespace GptGen.Finetuning;

/// <summary>
/// Reads files of rows: separated by tabs (<c>.tsv</c>) or commas (<c>.csv</c>), or by what else they turn out to be, or JSON: an object a line or
/// one array of objects (<c>.jsonl</c>, <c>.ndjson</c>, <c>.json</c>).
/// </summary>
internal static class TableFile
{
    private const string Need = "a file of examples (.tsv, .csv, .jsonl or .json)";

    /// <summary>The rows of a file, one after the other; the first line of a separated file names its columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Told what the file's name does not say of its content.</param>
    /// <exception cref="GptGenException">The file cannot be read, is no text, or a line is damaged.</exception>
    internal static IEnumerable<TableRow> Read(string path, Action<string>? note) => Read(path, Open(path), note);

    /// <summary>The rows of a file whose text is there.</summary>
    /// <inheritdoc cref="Read(string, Action{string})"/>
    internal static IEnumerable<TableRow> Read(string path, (char Format, ReadOnlyMemory<byte> Text) file, Action<string>? note) =>
        file.Format == '{'
            ? JsonTable.Read(path, file.Text)
            : SeparatedTable.Read(path, Encoding.UTF8.GetString(file.Text.Span), file.Format, note);

    /// <summary>A file's text, and the separator that its name promises or a brace for JSON.</summary>
    /// <exception cref="GptGenException">The file cannot be read, or is no text.</exception>
    internal static (char Format, ReadOnlyMemory<byte> Text) Open(string path)
    {
        var text = TextFile.Read(path, Need);
        return (Format(path, text.Span), text);
    }

    /// <summary>A mistake in a line of a file.</summary>
    internal static GptGenException Wrong(string path, int line, string what) => new($"{path}, line {line}: {what}");

    /// <summary>The separator that a name's ending promises, or a brace for JSON.</summary>
    private static char Format(string path, ReadOnlySpan<byte> text) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".tsv" or ".tab" or ".txt" => '\t',
        ".csv" => ',',
        ".jsonl" or ".ndjson" or ".json" => '{',
        // What comes through a pipe has no name of its own.
        _ when path.StartsWith("/dev/", StringComparison.Ordinal) || FileStatus.Of(path).Kind == FileKind.Pipe => Guess(text),
        _ => throw new GptGenException($"The format of '{path}' is not known: name the file .tsv, .csv, .jsonl or .json as its content is."),
    };

    private static char Guess(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        var end = text.IndexOfAny((byte)'\n', (byte)'\r');
        return text.StartsWith("{"u8) || text.StartsWith("["u8) ? '{' : (end < 0 ? text : text[..end]).Contains((byte)'\t') ? '\t' : ',';
    }
}
