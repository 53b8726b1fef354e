using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace GptGen.Text;

/// <summary>Text to train or evaluate on: one or more documents in UTF-8.</summary>
public sealed class TextCorpus
{
    private TextCorpus(string source, List<byte[]> documents)
    {
        Source = source;
        Documents = documents;
    }

    /// <summary>Where the text came from, for people.</summary>
    public string Source { get; }

    /// <summary>The documents, each valid UTF-8 without a byte order mark and not empty.</summary>
    public IReadOnlyList<byte[]> Documents { get; }

    /// <summary>The length of all documents in bytes.</summary>
    public long ByteCount => Documents.Sum(document => (long)document.Length);

    /// <summary>Makes a corpus of one document.</summary>
    /// <param name="source">Where the text comes from, for messages.</param>
    /// <param name="text">The document.</param>
    /// <exception cref="GptGenException">The text is empty.</exception>
    public static TextCorpus FromText(string source, string text) => text.Length > 0
        ? new(source, [Encoding.UTF8.GetBytes(text)])
        : throw new GptGenException($"{source} holds no text: give a text to work on.");

    /// <summary>
    /// Reads files. Of a folder all files are taken, in the ordinal order of their paths, but none whose name, or whose folder's, begins with a dot.
    /// Empty files are passed over.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <exception cref="GptGenException">A path does not exist or cannot be read, a file is not UTF-8, or there is no text at all.</exception>
    public static TextCorpus Load(params IReadOnlyList<string> paths)
    {
        var documents = new List<byte[]>();
        foreach (var file in paths.SelectMany(FilesUnder))
        {
            if (ReadUtf8(file) is { Length: > 0 } document)
                documents.Add(document);
        }

        var source = string.Join(", ", paths);
        return documents.Count > 0
            ? new TextCorpus(source, documents)
            : throw new GptGenException($"'{source}' holds no text: give a file or folder of UTF-8 text.");
    }

    /// <summary>The tokens of all documents. Where the vocabulary has a token that separates documents, it precedes each.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    public int[] Tokenize(Tokenizer tokenizer)
    {
        var tokens = new List<int>();
        foreach (var document in Documents)
        {
            if (tokenizer.EndOfText is { } separator)
                tokens.Add(separator);
            tokenizer.Encode(document, tokens);
        }

        return [.. tokens];
    }

    private static IEnumerable<string> FilesUnder(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new GptGenException($"'{path}' does not exist: give a file or folder of UTF-8 text.");

        try
        {
            return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(file => !Path.GetRelativePath(path, file).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.')))
                .Order(StringComparer.Ordinal)
                .ToList();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    private static byte[] ReadUtf8(string file)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(file).Length > Array.MaxLength)
                throw new GptGenException($"'{file}' is larger than {Array.MaxLength} bytes: split it, or tokenize it into .bin token files.");
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, error);
        }

        if (!Utf8.IsValid(bytes))
        {
            var offset = FirstInvalid(bytes);
            throw new GptGenException($"'{file}' is not UTF-8: byte {offset} (0x{bytes[offset]:X2}) begins no valid character; convert the file to UTF-8 or leave it out.");
        }

        return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == OperationStatus.Done)
            offset += length;
        return offset;
    }

    private static GptGenException Unreadable(string path, Exception error) =>
        new($"'{path}' cannot be read: {error.Message.ReplaceLineEndings(" ")} Check the path and its permissions.", error);
}
