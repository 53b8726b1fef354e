using System.Text;
using System.Text.Unicode;

namespace GptGen.Files;

/// <summary>Files of rows and texts that are not text, told by their first bytes, whatever their name says.</summary>
internal static class ForeignContent
{
    private const string Export = "save it as CSV (.csv)";

    private static readonly (byte[] Start, string Kind, string Remedy)[] s_kinds =
    [
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an old Excel or Office file", Export),
        ([.. "PAR1"u8], "a Parquet file", "read it with pandas or datasets and write it with to_csv"),
        ([.. "ARROW1"u8], "an Arrow (Feather) file", "read it with pandas or datasets and write it with to_csv"),
        ([.. "FEA1"u8], "a Feather file", "read it with pandas and write it with to_csv"),
        ([0xFF, 0xFF, 0xFF, 0xFF], "an Arrow stream, as datasets' save_to_disk writes it", "load it with datasets and write it with to_csv"),
        ([.. "ORC"u8], "an ORC file", "read it with pandas and write it with to_csv"),
        ([.. "Obj\u0001"u8], "an Avro file", "write its rows as CSV"),
        ([.. "SQLite format 3"u8], "an SQLite database", "export the table as CSV"),
        ([0x89, .. "HDF"u8], "an HDF5 file", "read it with pandas and write it with to_csv"),
        ([0x1F, 0x8B], "compressed with gzip", "unpack it with gunzip"),
        ([.. "BZh"u8], "compressed with bzip2", "unpack it with bunzip2"),
        ([0xFD, .. "7zXZ"u8], "compressed with xz", "unpack it with unxz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd", "unpack it with unzstd"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", "unpack it"),
        ([0x80, 0x02], "a Python pickle", "load it with Python and write it with to_csv"),
        ([0x80, 0x03], "a Python pickle", "load it with Python and write it with to_csv"),
        ([0x80, 0x04], "a Python pickle", "load it with Python and write it with to_csv"),
        ([0x80, 0x05], "a Python pickle", "load it with Python and write it with to_csv"),
    ];

    private static readonly (string Start, string Kind, string Remedy)[] s_texts =
    [
        ("%PDF-", "a PDF document", "copy its table into a spreadsheet and save that as CSV"),
        ("{\\rtf", "an RTF document", "save it as plain text"),
        ("version https://git-lfs.github.com/spec/", "a Git LFS pointer in the place of the file", "run 'git lfs pull'"),
        ("<!doctype html", "a web page (HTML), not the file that it shows", "download the raw file"),
        ("<html", "a web page (HTML), not the file that it shows", "download the raw file"),
        ("<?xml", "XML", Export),
    ];

    /// <summary>What stands in the place of a text that is to be read whole; null where nothing else is known. Pages and the like are texts themselves.</summary>
    /// <returns>The kind, and the remedy.</returns>
    internal static string? InPlaceOfText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("version https://git-lfs.github.com/spec/"u8))
            return "a Git LFS pointer in the place of the file: run 'git lfs pull'";
        return !Utf8.IsValid(bytes) && Find(bytes) is var (kind, remedy)
            ? $"{kind}, not text: {(remedy.StartsWith("unpack", StringComparison.Ordinal) ? remedy.Split(';')[0] : "write its text to a file in UTF-8")}, or leave it out"
            : null;
    }

    /// <summary>Refuses a file whose content is known not to be text.</summary>
    /// <exception cref="GptGenException">It is; the message names the kind and the remedy.</exception>
    internal static void Refuse(string path, ReadOnlySpan<byte> bytes)
    {
        if (Find(bytes) is var (kind, remedy))
            throw new GptGenException($"'{path}' is {kind}: {remedy}.");
    }

    private static (string Kind, string Remedy)? Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("PK\u0003\u0004"u8))
            return Archive(bytes);
        // A table's first column may be named as such a file begins; it holds no control characters.
        var isBinary = bytes[..Math.Min(bytes.Length, 512)].ContainsAnyInRange((byte)0, (byte)8) || (bytes.Length > 0 && !char.IsAsciiLetter((char)bytes[0]));
        foreach (var (start, kind, remedy) in s_kinds)
        {
            if (isBinary && bytes.StartsWith(start))
                return (kind, remedy);
        }

        var text = bytes.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8);
        var begin = Encoding.Latin1.GetString(text[..Math.Min(text.Length, 64)]);
        foreach (var (start, kind, remedy) in s_texts)
        {
            if (begin.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return (kind, remedy);
        }

        return null;
    }

    /// <summary>The names of a zip archive's first entries tell spreadsheets from others.</summary>
    private static (string Kind, string Remedy) Archive(ReadOnlySpan<byte> bytes)
    {
        var start = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 1 << 16)]);
        return start.Contains("opendocument.spreadsheet", StringComparison.Ordinal) ? ("an OpenDocument spreadsheet (.ods)", Export)
            : start.Contains("xl/", StringComparison.Ordinal) ? ("an Excel workbook (.xlsx)", Export)
            : start.Contains(".iwa", StringComparison.Ordinal) ? ("an Apple Numbers document or the like", "export it as CSV (.csv)")
            : ("a zip archive", "unpack it; of a spreadsheet, " + Export);
    }
}
