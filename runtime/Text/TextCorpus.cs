using System.Buffers;
using System.Text;
using System.Text.Unicode;
using GptGen.Files;

namespace GptGen.Text;

/// <summary>Text to train or evaluate on: one or more documents in UTF-8.</summary>
public sealed class TextCorpus
{
    /// <summary>Bytes by which UTF-16 without a mark is told.</summary>
    private const int LookedAt = 1024;
    private const int FewestPairs = 8;

    private readonly List<string> _names;

    private TextCorpus(string source, List<byte[]> documents, List<string> names)
    {
        Source = source;
        Documents = documents;
        _names = names;
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
        ? new(source, [Encoding.UTF8.GetBytes(text)], [source])
        : throw new GptGenException($"{source} holds no text: give a text to work on.");

    /// <summary>
    /// Reads files. Of a folder all files are taken, in the ordinal order of their paths, but none whose name, or whose folder's, begins with a dot.
    /// Links are followed, and each file is read once. Empty files are passed over.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <exception cref="GptGenException">A path does not exist or cannot be read, a file is not UTF-8, or there is no text at all.</exception>
    public static TextCorpus Load(params IReadOnlyList<string> paths) => Load(paths, note: null);

    /// <summary>Reads files, as <see cref="Load(IReadOnlyList{string})"/>.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="note">
    /// Receives one line for each kind of entry that was left out of a folder: pipes, links that lead nowhere, repetitions.
    /// </param>
    /// <param name="cancellation">Ends the work between two files.</param>
    /// <exception cref="GptGenException">A path does not exist or cannot be read, a file is not UTF-8, or there is no text at all.</exception>
    public static TextCorpus Load(IReadOnlyList<string> paths, Action<string>? note, CancellationToken cancellation = default)
    {
        var files = DataFiles.Find(paths, note, cancellation);
        return !files.AreTokens
            ? Load(files, cancellation)
            : throw new GptGenException($"'{files.Files[0].Path}' holds tokens by its name (.bin), but text is needed: name files of UTF-8 text.");
    }

    internal static TextCorpus Load(DataFiles files, CancellationToken cancellation)
    {
        var (documents, names) = (new List<byte[]>(), new List<string>());
        foreach (var file in files.Files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (ReadUtf8(file.Path) is not { Length: > 0 } document)
                continue;
            documents.Add(document);
            names.Add(file.Path);
        }

        return documents.Count > 0
            ? new TextCorpus(files.Source, documents, names)
            : throw new GptGenException($"'{files.Source}' holds no text: give a file or folder of UTF-8 text.");
    }

    /// <summary>
    /// The same text with every document cut wherever a name stands, which itself is left out: files that hold many documents, as
    /// <c>one&lt;|endoftext|&gt;two</c>. Empty documents are passed over.
    /// </summary>
    /// <param name="name">What separates the documents.</param>
    /// <exception cref="GptGenException">No text remains.</exception>
    public TextCorpus CutAt(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ReadOnlySpan<byte> separator = Encoding.UTF8.GetBytes(name);
        var (documents, names) = (new List<byte[]>(), new List<string>());
        for (var index = 0; index < Documents.Count; index++)
        {
            for (ReadOnlyMemory<byte> rest = Documents[index]; !rest.IsEmpty;)
            {
                var found = rest.Span.IndexOf(separator);
                var length = found < 0 ? rest.Length : found;
                if (length > 0)
                {
                    documents.Add(length == Documents[index].Length ? Documents[index] : rest[..length].ToArray());
                    names.Add(_names[index]);
                }

                rest = found < 0 ? default : rest[(found + separator.Length)..];
            }
        }

        return documents.Count > 0
            ? new(Source, documents, names)
            : throw new GptGenException($"'{Source}' holds nothing but {name}: give a file or folder of UTF-8 text.");
    }

    /// <summary>Where a document with a name in it came from; null where no document has it.</summary>
    internal string? HolderOf(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        for (var index = 0; index < Documents.Count; index++)
        {
            if (Documents[index].AsSpan().IndexOf(bytes) >= 0)
                return _names[index];
        }

        return null;
    }

    /// <summary>
    /// The tokens of all documents. Where the vocabulary has a token that separates documents, it precedes each; in a vocabulary of words each stands
    /// between the marks of a sentence's beginning and end.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">The vocabulary cannot say a document, or there is no memory for so many tokens.</exception>
    public int[] Tokenize(Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        var tokens = new List<int>();
        for (var index = 0; index < Documents.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (tokenizer.Marks.Before is { } before)
                tokens.Add(before);
            try
            {
                tokenizer.Encode(Documents[index], tokens, cancellation);
            }
            catch (GptGenException error)
            {
                throw new GptGenException($"'{_names[index]}': {error.Message}", error);
            }
            catch (OutOfMemoryException error)
            {
                throw new GptGenException(
                    $"There is no memory for the tokens of '{Source}': give less text, or tokenize it into .bin token files, "
                    + "which are read piece by piece.", error);
            }

            if (tokenizer.Marks.Behind is { } behind)
                tokens.Add(behind);
        }

        return [.. tokens];
    }

    private static byte[] ReadUtf8(string file)
    {
        var bytes = InputFile.ReadAll(file, "a file or folder of UTF-8 text");
        RequireText(file, bytes, isWhole: true);
        RequireUtf8(file, bytes, offset: 0);
        return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
    }

    /// <summary>Refuses what is something else, or text in another encoding.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="beginning">Its first bytes.</param>
    /// <param name="isWhole">Whether they are all; otherwise they may end within a character.</param>
    /// <exception cref="GptGenException">It is.</exception>
    internal static void RequireText(string file, ReadOnlySpan<byte> beginning, bool isWhole)
    {
        var whole = isWhole ? beginning : beginning[..WholeCharacters(beginning)];
        if (FileContent.InPlaceOfText(whole) is { } other)
            throw new GptGenException($"'{file}' is {other}.");
        if (OtherEncoding(whole) is { } encoding)
            throw new GptGenException($"'{file}' is {encoding}, not UTF-8: convert it, as with 'iconv -f {encoding} -t UTF-8', or leave it out.");
    }

    /// <summary>Refuses what is no UTF-8.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="bytes">A part of it.</param>
    /// <param name="offset">Where that begins.</param>
    /// <exception cref="GptGenException">It is none.</exception>
    internal static void RequireUtf8(string file, ReadOnlySpan<byte> bytes, long offset)
    {
        if (Utf8.IsValid(bytes))
            return;
        var place = FirstInvalid(bytes);
        throw new GptGenException(
            $"'{file}' is not UTF-8: byte {offset + place} (0x{bytes[place]:X2}) begins no valid character; "
            + "convert the file to UTF-8 or leave it out.");
    }

    /// <summary>The length without the bytes of a character that is not whole at the end.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        const int Longest = 4;
        for (var back = 1; back < Longest && back <= bytes.Length; back++)
        {
            if ((bytes[^back] & 0xC0) != 0x80)
                return Rune.DecodeFromUtf8(bytes[^back..], out _, out _) == OperationStatus.NeedMoreData ? bytes.Length - back : bytes.Length;
        }

        return bytes.Length;
    }

    /// <summary>
    /// The encoding that a byte order mark tells; none of them can begin UTF-8. Without a mark UTF-16 of Latin letters is UTF-8 as well, with a zero
    /// beside each letter, which no text has.
    /// </summary>
    private static string? OtherEncoding(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Encoding.UTF32.Preamble) || bytes.StartsWith<byte>([0, 0, 0xFE, 0xFF]) ? "UTF-32"
        : bytes.StartsWith(Encoding.Unicode.Preamble) || bytes.StartsWith(Encoding.BigEndianUnicode.Preamble) ? "UTF-16"
        : HasZerosAtEverySecond(bytes, 1) ? "UTF-16LE"
        : HasZerosAtEverySecond(bytes, 0) ? "UTF-16BE"
        : null;

    /// <summary>Whether nine of ten pairs at the beginning have their zero in one place, and only there.</summary>
    private static bool HasZerosAtEverySecond(ReadOnlySpan<byte> bytes, int place)
    {
        var pairs = Math.Min(bytes.Length, LookedAt) / 2;
        var zeros = 0;
        for (var pair = 0; pair < pairs; pair++)
        {
            if (bytes[(2 * pair) + 1 - place] == 0)
                return false;
            zeros += bytes[(2 * pair) + place] == 0 ? 1 : 0;
        }

        return pairs >= FewestPairs && zeros * 10 >= pairs * 9;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == OperationStatus.Done)
            offset += length;
        return offset;
    }
}
