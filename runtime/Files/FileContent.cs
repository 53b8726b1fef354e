using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace GptGen.Files;

/// <summary>The one list of what files are, told by their contents, whatever their names. What to do about it is the reader's to say.</summary>
internal static class FileContent
{
    /// <summary>Bytes of a file's beginning, and of its end, that tell it from others.</summary>
    internal const int Looked = 1 << 16;

    // Where control characters show that something is no text.
    private const int LookedForControls = 512;

    private const ulong TensorFlowTable = 0xDB4775248B80FB57;

    private static readonly (FileFormat Format, byte[] Start)[] s_starts =
    [
        (FileFormat.Zip, [.. "PK\u0003\u0004"u8]),
        (FileFormat.Zip, [.. "PK\u0005\u0006"u8]),
        (FileFormat.Gzip, [0x1F, 0x8B]),
        (FileFormat.Zstd, [0x28, 0xB5, 0x2F, 0xFD]),
        (FileFormat.Xz, [0xFD, .. "7zXZ"u8]),
        (FileFormat.Bzip2, [.. "BZh"u8]),
        (FileFormat.SevenZip, [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C]),
        (FileFormat.OldPyTorch, [0x80, 0x02, 0x8A, 0x0A]),
        (FileFormat.Pickle, [0x80, 0x02]),
        (FileFormat.Pickle, [0x80, 0x03]),
        (FileFormat.Pickle, [0x80, 0x04]),
        (FileFormat.Pickle, [0x80, 0x05]),
        (FileFormat.NumpyArray, [0x93, .. "NUMPY"u8]),
        (FileFormat.Gguf, [.. "GGUF"u8]),
        (FileFormat.Gguf, [.. "FUGG"u8]),
        (FileFormat.Ggml, [.. "lmgg"u8]),
        (FileFormat.Ggml, [.. "fmgg"u8]),
        (FileFormat.Ggml, [.. "tjgg"u8]),
        (FileFormat.Ggml, [.. "algg"u8]),
        (FileFormat.Hdf5, [0x89, .. "HDF"u8]),
        (FileFormat.Llama2C, Number(0x616B3432)),
        // As 16-bit tokens llm.c's numbers begin with one beyond 55,000, which GPT-2's vocabulary does not have.
        (FileFormat.LlmcWeights, Number(20240326)),
        (FileFormat.LlmcComparison, Number(20240327)),
        (FileFormat.LlmcTokenizer, Number(20240328)),
        (FileFormat.LlmcTokens, Number(20240520)),
        (FileFormat.LlmcQuestions, Number(20240522)),
        (FileFormat.LlmcState, Number(20240527)),
        (FileFormat.LlmcLlamaTokens, Number(20240801)),
        (FileFormat.LlmcLlamaWeights, Number(20240803)),
        (FileFormat.OldOffice, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
        (FileFormat.Parquet, [.. "PAR1"u8]),
        (FileFormat.ArrowFile, [.. "ARROW1"u8]),
        (FileFormat.Feather, [.. "FEA1"u8]),
        (FileFormat.Orc, [.. "ORC"u8]),
        (FileFormat.Avro, [.. "Obj\u0001"u8]),
        (FileFormat.Sqlite, [.. "SQLite format 3"u8]),
        (FileFormat.Program, [0x7F, .. "ELF"u8]),
    ];

    private static readonly (FileFormat Format, string Start)[] s_texts =
    [
        (FileFormat.Pdf, "%PDF-"),
        (FileFormat.Rtf, "{\\rtf"),
        (FileFormat.LfsPointer, "version https://git-lfs"),
        (FileFormat.WebPage, "<!doctype html"),
        (FileFormat.WebPage, "<html"),
        (FileFormat.Xml, "<?xml"),
    ];

    /// <summary>What a file is; null where it is nothing of the list.</summary>
    internal static FileFormat? Recognise(ReadOnlySpan<byte> content) =>
        Recognise(content[..Math.Min(Looked, content.Length)], content[Math.Max(0, content.Length - Looked)..]);

    /// <summary>What a file is; null where it is nothing of the list.</summary>
    /// <param name="head">Its first <see cref="Looked"/> bytes, or all.</param>
    /// <param name="tail">Its last <see cref="Looked"/> bytes, or all.</param>
    internal static FileFormat? Recognise(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) =>
        (IsText(head) ? null : OfStart(head, tail, least: 2) ?? OfStructure(head, tail)) ?? OfText(head);

    /// <summary>What a file is that may also be 16-bit tokens, which may begin with any two bytes; null where it is nothing of the list.</summary>
    internal static FileFormat? RecogniseBesideTokens(ReadOnlySpan<byte> head) => OfStart(head, head, least: 4) ?? OfText(head);

    /// <summary>
    /// Whether bytes are text in UTF-8; the last character may be cut. Numbers are not: most have bytes that are control characters.
    /// </summary>
    internal static bool IsText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.ContainsAnyInRange((byte)0, (byte)8))
            return false;
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out _, out var length);
            if (status != OperationStatus.Done)
                return status == OperationStatus.NeedMoreData;
            bytes = bytes[length..];
        }

        return true;
    }

    /// <summary>
    /// What stands in the place of a text that is to be read whole; null where nothing else is known. Pages and the like are texts themselves.
    /// </summary>
    /// <returns>The kind and the remedy, in words that follow "is".</returns>
    internal static string? InPlaceOfText(ReadOnlySpan<byte> bytes) => Recognise(bytes) switch
    {
        FileFormat.LfsPointer => $"{Name(FileFormat.LfsPointer)}: {Remedy(FileFormat.LfsPointer)}",
        { } format when !Utf8.IsValid(bytes) =>
            $"{Name(format)}, not text: {(Remedy(format) ?? "write its text to a file in UTF-8").Split(';')[0]}, or leave it out",
        _ => null,
    };

    /// <summary>What a file is, in words that follow "is".</summary>
    internal static string Name(FileFormat format) => format switch
    {
        FileFormat.Zip => "a zip archive",
        FileFormat.Gzip => "compressed with gzip",
        FileFormat.Zstd => "compressed with zstd",
        FileFormat.Xz => "compressed with xz",
        FileFormat.Bzip2 => "compressed with bzip2",
        FileFormat.SevenZip => "a 7z archive",
        FileFormat.Tar => "a tar archive",
        FileFormat.Safetensors => "a safetensors file of weights",
        FileFormat.PyTorch => "a PyTorch file (torch.save)",
        FileFormat.OldPyTorch => "a pickle of PyTorch before 1.6",
        FileFormat.Pickle => "a Python pickle",
        FileFormat.Keras => "a Keras file",
        FileFormat.NumpyArchive => "a NumPy archive (.npz)",
        FileFormat.NumpyArray => "one array of NumPy's (.npy)",
        FileFormat.Gguf => "a GGUF file of llama.cpp",
        FileFormat.Ggml => "a GGML file",
        FileFormat.Hdf5 => "an HDF5 file (pandas, TensorFlow, Keras)",
        FileFormat.TensorFlowIndex => "the index of a TensorFlow checkpoint",
        FileFormat.TensorFlowLite => "a TensorFlow Lite file",
        FileFormat.Onnx => "an ONNX file",
        FileFormat.MessagePack => "a MessagePack file (Flax)",
        FileFormat.Llama2C => "a model of llama2.c",
        FileFormat.LlmcWeights => "weights of llm.c",
        FileFormat.LlmcLlamaWeights => "weights of llm.c for Llama 3",
        FileFormat.LlmcTokens => "a file of tokens",
        FileFormat.LlmcLlamaTokens => "a file of 32-bit tokens of Llama 3",
        FileFormat.LlmcTokenizer => "a tokenizer of llm.c",
        FileFormat.LlmcQuestions => "a file of llm.c with multiple-choice questions",
        FileFormat.LlmcComparison => "a file of llm.c with values to compare with",
        FileFormat.LlmcState => "the optimiser's state of llm.c",
        FileFormat.OldOffice => "an old Excel or Office file",
        FileFormat.Workbook => "an Excel workbook (.xlsx)",
        FileFormat.OpenDocument => "an OpenDocument spreadsheet (.ods)",
        FileFormat.AppleDocument => "an Apple Numbers document or the like",
        FileFormat.Parquet => "a Parquet file",
        FileFormat.ArrowFile => "an Arrow (Feather) file",
        FileFormat.ArrowStream => "an Arrow stream, as datasets' save_to_disk writes it",
        FileFormat.Feather => "a Feather file",
        FileFormat.Orc => "an ORC file",
        FileFormat.Avro => "an Avro file",
        FileFormat.Sqlite => "an SQLite database",
        FileFormat.Program => "a program",
        FileFormat.Pdf => "a PDF document",
        FileFormat.Rtf => "an RTF document",
        FileFormat.LfsPointer => "a Git LFS pointer in place of the file",
        FileFormat.WebPage => "a web page (HTML)",
        FileFormat.Xml => "XML",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    /// <summary>
    /// What to do about a file that means the same wherever it stands in place of another; null where that depends on what is asked for.
    /// </summary>
    internal static string? Remedy(FileFormat format) => format switch
    {
        FileFormat.Zip or FileFormat.SevenZip or FileFormat.Tar => "unpack it and name what is inside",
        FileFormat.Gzip => "unpack it with gunzip",
        FileFormat.Zstd => "unpack it with unzstd",
        FileFormat.Xz => "unpack it with unxz",
        FileFormat.Bzip2 => "unpack it with bunzip2",
        FileFormat.LfsPointer => "run 'git lfs pull' in the repository, or download the file itself",
        FileFormat.WebPage => "download the file itself; a link to a file on a hub has /resolve/ in it, not /blob/",
        _ => null,
    };

    private static byte[] Number(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static FileFormat? OfStart(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, int least)
    {
        // A table's first column may be named as such a file begins; it holds no control characters.
        var mayBeNamed = head.Length > 0 && char.IsAsciiLetter((char)head[0])
            && !head[..Math.Min(head.Length, LookedForControls)].ContainsAnyInRange((byte)0, (byte)8);
        foreach (var (format, start) in s_starts)
        {
            if (!mayBeNamed && start.Length >= least && head.StartsWith(start))
                return format == FileFormat.Zip ? OfArchive(head, tail) : format;
        }

        // A length below 2^32, and JSON; all bits and a length below 2^24.
        return head.Length > 10 && head[4..8].IndexOfAnyExcept((byte)0) < 0 && head[8..].StartsWith("{\""u8) ? FileFormat.Safetensors
            : head.Length > 8 && head[..4].IndexOfAnyExcept((byte)0xFF) < 0 && head[7] == 0 ? FileFormat.ArrowStream
            : null;
    }

    /// <summary>The names of what a zip file holds stand before each entry and at its end.</summary>
    private static FileFormat OfArchive(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) =>
        Has(head, tail, "data.pkl"u8) ? FileFormat.PyTorch
        : Has(head, tail, "model.weights.h5"u8) ? FileFormat.Keras
        : Has(head, tail, ".npy"u8) ? FileFormat.NumpyArchive
        : Has(head, tail, "opendocument.spreadsheet"u8) ? FileFormat.OpenDocument
        : Has(head, tail, "xl/workbook"u8) ? FileFormat.Workbook
        : Has(head, tail, ".iwa"u8) ? FileFormat.AppleDocument
        : FileFormat.Zip;

    private static bool Has(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, ReadOnlySpan<byte> name) =>
        head.IndexOf(name) >= 0 || tail.IndexOf(name) >= 0;

    private static FileFormat? OfStructure(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) =>
        head.Length > 262 && head[257..].StartsWith("ustar"u8) ? FileFormat.Tar
        : tail.Length >= 48 && BinaryPrimitives.ReadUInt64LittleEndian(tail[^sizeof(ulong)..]) == TensorFlowTable ? FileFormat.TensorFlowIndex
        : head.Length > 8 && head[4..].StartsWith("TFL3"u8) ? FileFormat.TensorFlowLite
        : IsOnnx(head) ? FileFormat.Onnx
        // A map of few entries whose first key is a short text.
        : head.Length > 3 && (head[0] is > 0x80 and <= 0x8F or 0xDE) && IsMessagePackKey(head[0] == 0xDE ? head[3..] : head[1..])
            ? FileFormat.MessagePack
        : null;

    private static bool IsMessagePackKey(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 1 && bytes[0] is >= 0xA1 and <= 0xBF && bytes.Length > bytes[0] - 0xA0 && IsText(bytes[1..(1 + bytes[0] - 0xA0)]);

    // ModelProto: field 1, the version, a small number; then field 2, the producer's name, or the graph itself.
    private static bool IsOnnx(ReadOnlySpan<byte> head) =>
        head.Length > 4 && head[0] == 0x08 && head[1] is > 0 and < 32
        && ((head[2] == 0x12 && head[3] < head.Length - 4 && IsText(head.Slice(4, head[3]))) || head[2] == 0x3A);

    private static FileFormat? OfText(ReadOnlySpan<byte> head)
    {
        var text = head.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8);
        var beginning = Encoding.Latin1.GetString(text[..Math.Min(text.Length, 64)]);
        foreach (var (format, start) in s_texts)
        {
            if (beginning.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return format;
        }

        return null;
    }
}
