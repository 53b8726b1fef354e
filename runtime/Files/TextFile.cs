using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace GptGen.Files;

/// <summary>
/// Reads a text as the programs of users write it: UTF-8 with or without a byte order mark, or UTF-16 or UTF-32 with one (Excel's "Unicode text").
/// </summary>
internal static class TextFile
{
    // A string holds a little more than 2^30 characters.
    private const int MostBytes = 1_000_000_000;

    /// <summary>A text's bytes as UTF-8 without a byte order mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="need">What is needed, for messages.</param>
    /// <exception cref="GptGenException">The file cannot be read, is too large, or is no text; the message names what it is instead.</exception>
    internal static ReadOnlyMemory<byte> Read(string path, string need)
    {
        ReadOnlyMemory<byte> bytes = InputFile.ReadAll(path, need);
        if (bytes.Length > MostBytes)
            throw new GptGenException($"'{path}' has more than {MostBytes / 1_000_000} MB: split it.");
        bytes = ToUtf8(path, bytes);
        if (FileContent.Recognise(bytes.Span) is { } format)
            throw new GptGenException($"'{path}' is {FileContent.Name(format)}: {Remedy(format)}.");
        while (bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes["\uFEFF"u8.Length..];
        if (!Utf8.IsValid(bytes.Span))
            throw new GptGenException($"'{path}' is not UTF-8 (at byte {FirstWrong(bytes.Span)}): save it as UTF-8, in Excel as \"CSV UTF-8\".");
        if (bytes.Span.IndexOf((byte)0) is >= 0 and var zero)
            throw new GptGenException($"'{path}' is no text: byte {zero} is zero. Save it as UTF-8.");
        return bytes;
    }

    /// <summary>The way from another format to a text; most are tables.</summary>
    private static string Remedy(FileFormat format) => format switch
    {
        FileFormat.OldOffice or FileFormat.Workbook or FileFormat.OpenDocument or FileFormat.AppleDocument or FileFormat.Xml =>
            "save it as CSV (.csv)",
        FileFormat.Zip => "unpack it; of a spreadsheet, save it as CSV (.csv)",
        FileFormat.Parquet or FileFormat.ArrowFile or FileFormat.Feather or FileFormat.Orc or FileFormat.Hdf5 =>
            "read it with pandas and write it with to_csv",
        FileFormat.ArrowStream => "load it with datasets and write it with to_csv",
        FileFormat.Pickle or FileFormat.OldPyTorch => "load it with Python and write it with to_csv",
        FileFormat.Avro => "write its rows as CSV",
        FileFormat.Sqlite => "export the table as CSV",
        FileFormat.Pdf => "copy its table into a spreadsheet and save that as CSV",
        FileFormat.Rtf => "save it as plain text",
        _ => FileContent.Remedy(format) ?? "name a file of text",
    };

    private static ReadOnlyMemory<byte> ToUtf8(string path, ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        // UTF-32's mark begins with UTF-16's.
        Encoding? encoding = span.StartsWith<byte>([0xFF, 0xFE, 0, 0]) ? new UTF32Encoding(false, true, throwOnInvalidCharacters: true)
            : span.StartsWith<byte>([0, 0, 0xFE, 0xFF]) ? new UTF32Encoding(true, true, throwOnInvalidCharacters: true)
            : span.StartsWith<byte>([0xFF, 0xFE]) ? new UnicodeEncoding(false, true, throwOnInvalidBytes: true)
            : span.StartsWith<byte>([0xFE, 0xFF]) ? new UnicodeEncoding(true, true, throwOnInvalidBytes: true)
            : null;
        if (encoding is null)
            return bytes;
        try
        {
            return Encoding.UTF8.GetBytes(encoding.GetString(span));
        }
        catch (DecoderFallbackException error)
        {
            throw new GptGenException($"'{path}' begins as {encoding.WebName} and is not (at byte {error.Index}): save it as UTF-8.", error);
        }
    }

    private static int FirstWrong(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
            at += length;
        return at;
    }
}
