using System.Buffers;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// Whole words, as bilm-tf's vocabularies number them: <c>vocab.txt</c> has a word a line, the first of them <c>&lt;S&gt;</c>, <c>&lt;/S&gt;</c> and
/// <c>&lt;UNK&gt;</c> in any order; lines <c>!!!MAXTERMID</c> do not count. A text is tokenised already, words between spaces and
/// sentences on lines of their own: between two lines with words the marks <c>&lt;/S&gt;</c> and <c>&lt;S&gt;</c> stand. A word that the vocabulary
/// lacks is <c>&lt;UNK&gt;</c>, and does not come back.
/// </summary>
public sealed class WordVocabularyTokenizer : Tokenizer
{
    internal const string FileName = TokenizerFileNames.WordPieces;
    private const string Begin = "<S>";
    private const string End = "</S>";
    private const string Unknown = "<UNK>";
    private const string PassedOver = "!!!MAXTERMID";

    private readonly byte[][] _words;
    private readonly Dictionary<byte[], int> _numbers = new(new ByteComparer());
    private readonly int _begin;
    private readonly int _end;
    private readonly int _unknown;

    private WordVocabularyTokenizer(string folder, TokenNumbers numbers, string path)
    {
        Name = folder;
        _words = Array.ConvertAll(numbers.ToNames(path), static name => Encoding.UTF8.GetBytes(name ?? ""));
        (_begin, _end, _unknown) = (Mark(Begin), Mark(End), Mark(Unknown));
        for (var word = 0; word < _words.Length; word++)
        {
            // Texts cannot name the marks.
            if (_words[word].Length > 0 && word != _begin && word != _end)
                _numbers[_words[word]] = word;
        }

        int Mark(string name) => numbers.TryGet(name, out var number) ? number : throw new GptGenException(
            $"'{path}' has no line '{name}', which a vocabulary of words needs: add it, or download the file again.");
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int VocabularySize => _words.Length;

    /// <inheritdoc/>
    public override int? EndOfText => _end;

    /// <inheritdoc/>
    public override int? BeginOfText => _begin;

    internal override DocumentMarks Marks => new(_begin, _end);

    private protected override AddedTokens? InPrompts => new([new(Begin, _begin), new(End, _end), new(Unknown, _unknown)]);

    /// <summary>Reads the vocabulary of a folder.</summary>
    /// <param name="folder">The folder with <c>vocab.txt</c>.</param>
    /// <exception cref="GptGenException">The file is missing or damaged, or lacks a mark.</exception>
    public static WordVocabularyTokenizer FromFolder(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return new(folder, WordPieceFile.ReadNumbers(path, PassedOver), path) { Origin = TokenizerFolder.Look(folder) };
    }

    /// <summary>Whether a vocabulary's file begins as one of words does, and not as WordPiece's.</summary>
    internal static bool IsOne(string path)
    {
        ReadOnlySpan<byte> bytes = TokenizerFileNames.ReadAll(path);
        var marks = new List<string> { Begin, End, Unknown };
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = bytes[range].TrimEnd((byte)'\r');
            if (line.IsEmpty || line.SequenceEqual(Encoding.UTF8.GetBytes(PassedOver)))
                continue;
            if (!marks.Remove(Encoding.UTF8.GetString(line)))
                return false;
            if (marks.Count == 0)
                return true;
        }

        return false;
    }

    internal override bool IsMark(int token) => token == _begin || token == _end;

    // Every word is one, the unknown too, and something stands between it and the next.
    internal override TextSize Measure(int token, ref bool isInWord) => IsMark(token) ? default : new(1, Bytes(token).Length + 1);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) => (uint)token < (uint)_words.Length ? _words[token] : throw UnknownToken(token);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        var find = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
        var (hasWord, isNewLine) = (false, false);
        while (!utf8.IsEmpty)
        {
            var (length, isSpace) = (0, false);
            // What stands before the next space, of any kind that Unicode has.
            while (length < utf8.Length && !isSpace)
            {
                Rune.DecodeFromUtf8(utf8[length..], out var rune, out var count);
                isSpace = Rune.IsWhiteSpace(rune);
                length += isSpace ? 0 : count;
            }

            if (length > 0)
            {
                if (hasWord && isNewLine)
                    tokens.AddRange(_end, _begin);
                (hasWord, isNewLine) = (true, false);
                tokens.Add(find.TryGetValue(utf8[..length], out var number) ? number : _unknown);
                utf8 = utf8[length..];
            }

            if (isSpace)
            {
                Rune.DecodeFromUtf8(utf8, out var rune, out var count);
                isNewLine |= rune.Value == '\n';
                utf8 = utf8[count..];
            }
        }
    }

    /// <summary>The words between spaces; sentences, where one ends and the next begins, on lines of their own.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new StringBuilder();
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] == _end && i + 1 < tokens.Length && tokens[i + 1] == _begin)
            {
                text.Append('\n');
                i++;
                continue;
            }

            if (text.Length > 0 && text[^1] != '\n')
                text.Append(' ');
            text.Append(Encoding.UTF8.GetString(Bytes(tokens[i])));
        }

        return text.ToString();
    }
}
