using System.Buffers;
using System.Text;
using GptGen.Files;

namespace GptGen.Text;

/// <summary>
/// A vocabulary of characters, as nanoGPT makes it from a text: each distinct character is a token. The vocabulary is nanoGPT's own file,
/// <c>meta.pkl</c>, of which only plain data is read. A text with another character cannot be encoded.
/// </summary>
public sealed class CharacterTokenizer : Tokenizer
{
    private readonly Rune[] _characters;
    private readonly byte[][] _bytes;
    private readonly Dictionary<Rune, int> _tokens;

    private CharacterTokenizer(string name, CharacterVocabulary vocabulary)
    {
        Name = name;
        _characters = vocabulary.Characters
            ?? throw new GptGenException(
                $"'{vocabulary.Path}' does not list its characters (stoi, itos): name the tokenizer that the tokens were made with.");
        _bytes = Array.ConvertAll(_characters, static character => Encoding.UTF8.GetBytes(character.ToString()));
        _tokens = _characters.Index().ToDictionary(static entry => entry.Item, static entry => entry.Index);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int VocabularySize => _characters.Length;

    /// <summary>The character of each token.</summary>
    internal ReadOnlySpan<Rune> Characters => _characters;

    /// <summary>A token to begin a text with: a line's end, or the first where there is none.</summary>
    internal int Start => _tokens.GetValueOrDefault(new Rune('\n'));

    /// <summary>Reads the vocabulary of a folder.</summary>
    /// <param name="folder">The folder with <c>meta.pkl</c>.</param>
    /// <exception cref="GptGenException">The file is missing or damaged, or holds something else than characters.</exception>
    public static CharacterTokenizer FromFolder(string folder) =>
        new(folder, CharacterVocabulary.Read(Path.Combine(folder, CharacterVocabulary.FileName)))
    {
        Origin = TokenizerFolder.Look(folder),
    };

    /// <summary>The folder of token files among some paths that has a vocabulary of characters beside them.</summary>
    /// <param name="paths">Files and folders of data.</param>
    /// <returns>The folder, for <see cref="FromFolder"/>; null where there is none.</returns>
    /// <exception cref="GptGenException">A path cannot be read, or a vocabulary is damaged.</exception>
    public static string? Beside(IReadOnlyList<string> paths)
    {
        if (!paths.Any(static path => FileStatus.Of(path).Kind == FileKind.Folder || DataFiles.AreTokensByName(path)))
            return null;
        var files = DataFiles.Find(paths, note: null);
        return files.AreTokens
            ? files.Files.Select(static file => Path.GetDirectoryName(Path.GetFullPath(file.Path))!).Distinct()
                .FirstOrDefault(static folder => CharacterVocabulary.In(folder)?.Characters is not null)
            : null;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) => (uint)token < (uint)_bytes.Length ? _bytes[token] : throw UnknownToken(token);

    internal override bool MayBeCut => true;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        while (!utf8.IsEmpty)
        {
            var isCharacter = Rune.DecodeFromUtf8(utf8, out var character, out var length) == OperationStatus.Done;
            if (!isCharacter || !_tokens.TryGetValue(character, out var token))
            {
                var what = isCharacter ? $"the character '{character}' (U+{character.Value:X4})" : $"the byte 0x{utf8[0]:X2}, which is not UTF-8";
                throw new GptGenException(
                    $"The vocabulary '{Name}' knows only {VocabularySize} characters, and {what} is none of them: leave it out.");
            }

            tokens.Add(token);
            utf8 = utf8[length..];
        }
    }
}
