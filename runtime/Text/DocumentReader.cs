using System.Text;
using System.Text.Json;
using GptGen.Files;

namespace GptGen.Text;

/// <summary>A part of a document.</summary>
/// <param name="Bytes">Valid UTF-8, as long as the next part was not asked for.</param>
/// <param name="Begins">Whether the document begins with it.</param>
/// <param name="Ends">Whether the document ends with it.</param>
internal readonly record struct DocumentPart(ReadOnlyMemory<byte> Bytes, bool Begins, bool Ends);

/// <summary>
/// Reads texts of any length a part at a time. A document is a file, or what stands between separators in it, or one column of each line of JSON.
/// </summary>
/// <param name="files">The files, of text.</param>
/// <param name="separator">What ends a document within a file; null for whole files.</param>
/// <param name="column">The name of the column of texts, where files have a JSON object a line; null for plain text.</param>
/// <param name="mayCut">Whether documents may come in several parts, cut before white space; otherwise each comes whole.</param>
internal sealed class DocumentReader(DataFiles files, string? separator, string? column, bool mayCut)
{
    /// <summary>Room for a byte order mark and any character.</summary>
    private const int ShortestBuffer = 8;

    private readonly byte[]? separatorBytes = column is not null ? "\n"u8.ToArray() : separator is null ? null : Encoding.UTF8.GetBytes(separator);

    /// <summary>Bytes that are read at once; a test makes them few.</summary>
    internal int BlockBytes { get; init; } = 4 << 20;

    /// <summary>All parts in their order. Empty documents are passed over.</summary>
    /// <exception cref="GptGenException">A file cannot be read, is no UTF-8 text, or has a line that is no JSON with such a column.</exception>
    public IEnumerable<DocumentPart> Read(CancellationToken cancellation)
    {
        foreach (var file in files.Files)
        {
            var line = 0L;
            foreach (var part in Parts(file.Path))
            {
                cancellation.ThrowIfCancellationRequested();
                if (column is null)
                    yield return part;
                else if (Column(file.Path, ++line, part.Bytes) is { Length: > 0 } text)
                    yield return new(text, Begins: true, Ends: true);
            }
        }
    }

    private IEnumerable<DocumentPart> Parts(string path)
    {
        using var stream = Open(path);
        var buffer = new byte[Math.Max(ShortestBuffer, 2 * BlockBytes)];
        var (start, filled, before, begins, isFirst) = (0, 0, 0L, true, true);
        while (true)
        {
            if (start > 0)
            {
                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                (start, filled, before) = (0, filled - start, before + start);
            }

            if (filled == buffer.Length)
                Grow(ref buffer, path);
            var read = Fill(stream, path, buffer.AsMemory(filled));
            var isEnd = read < buffer.Length - filled;
            filled += read;
            if (isFirst)
            {
                TextCorpus.RequireText(path, buffer.AsSpan(0, filled), isWhole: isEnd);
                start = buffer.AsSpan(0, filled).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
                isFirst = false;
            }

            // Of lines of JSON empty ones count too, for the number in messages.
            for (int length; separatorBytes is not null && (length = buffer.AsSpan(start, filled - start).IndexOf(separatorBytes)) >= 0;)
            {
                if (length > 0 || !begins || column is not null)
                    yield return Part(path, buffer, start, length, before, begins, ends: true);
                (start, begins) = (start + length + separatorBytes.Length, true);
            }

            if (isEnd)
            {
                if (filled > start || !begins)
                    yield return Part(path, buffer, start, filled - start, before, begins, ends: true);
                yield break;
            }

            var cut = mayCut && column is null ? LastCut(buffer.AsSpan(start, Math.Max(0, filled - start - (separatorBytes?.Length ?? 0)))) : 0;
            if (cut > 0)
            {
                yield return Part(path, buffer, start, cut, before, begins, ends: false);
                (start, begins) = (start + cut, false);
            }
        }
    }

    private static DocumentPart Part(string path, byte[] buffer, int start, int length, long before, bool begins, bool ends)
    {
        TextCorpus.RequireUtf8(path, buffer.AsSpan(start, length), before + start);
        return new(buffer.AsMemory(start, length), begins, ends);
    }

    /// <summary>
    /// Where a text can be cut so that both parts have the tokens of the whole: before white space that follows something else, where the pieces of
    /// GPT-2's pattern end always; 0 where there is no such place.
    /// </summary>
    private static int LastCut(ReadOnlySpan<byte> text)
    {
        for (var place = text.Length - 1; place > 0; place--)
        {
            if (IsSpace(text[place]) && text[place - 1] is > (byte)' ' and < 0x7F)
                return place;
        }

        return 0;

        static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
    }

    private byte[]? Column(string path, long line, ReadOnlyMemory<byte> json)
    {
        if (json.Span.Trim(" \t\r"u8).IsEmpty)
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(column!, out var value)
                && value.ValueKind == JsonValueKind.String)
            {
                return Encoding.UTF8.GetBytes(value.GetString()!);
            }
        }
        // An escaped half of a surrogate pair has no bytes.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new GptGenException(
                FormattableString.Invariant($"Line {line} of '{path}' is no JSON ({MessageText.Of(error)}): a column is for files of JSON lines."),
                error);
        }

        throw new GptGenException(
            FormattableString.Invariant($"Line {line} of '{path}' has no text named '{MessageText.Shorten(column!)}': name another column."));
    }

    private static void Grow(ref byte[] buffer, string path)
    {
        if (buffer.Length == Array.MaxLength)
            throw new GptGenException($"'{path}' has a document or line of more than {Array.MaxLength} bytes that cannot be cut: split it.");
        Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, Array.MaxLength));
    }

    private static FileStream Open(string path)
    {
        InputFile.Check(path, "a file or folder of UTF-8 text");
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(path, error);
        }
    }

    private static int Fill(FileStream stream, string path, Memory<byte> buffer)
    {
        try
        {
            return stream.ReadAtLeast(buffer.Span, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(path, error);
        }
    }
}
