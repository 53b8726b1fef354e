using System.Text;
using GptGen.Files;

namespace GptGen.Text;

/// <summary>
/// The file <c>meta.pkl</c> that nanoGPT's preparations of characters leave beside <c>train.bin</c> and <c>val.bin</c>: a pickled dictionary with
/// <c>vocab_size</c>, <c>stoi</c> (character to token) and <c>itos</c> (token to character). Without it the tokens mean nothing.
/// </summary>
internal sealed class CharacterVocabulary
{
    internal const string FileName = "meta.pkl";
    private const string Need = "nanoGPT's meta.pkl";
    private const int LongestFile = 1 << 24;
    private const string Remedy = "make it again with nanoGPT's prepare.py";

    private CharacterVocabulary(string path, byte[] content)
    {
        Path = path;
        if (PickleReader.Read(content, path) is not Dictionary<object, object?> entries)
            throw Wrong("holds no dictionary");
        if (entries.GetValueOrDefault("vocab_size") is long size)
            Size = size;
        Characters = ReadCharacters(entries);
        if (Characters is not null && Size is { } announced && announced != Characters.Length)
            throw Wrong($"announces {announced} characters and lists {Characters.Length}");
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The number of tokens, where the file says it.</summary>
    public long? Size { get; }

    /// <summary>The character of each token, or null where the file only says how many there are.</summary>
    public Rune[]? Characters { get; }

    /// <summary>A folder's file, or null where it has none.</summary>
    /// <exception cref="GptGenException">It cannot be read, or is damaged or something else.</exception>
    internal static CharacterVocabulary? In(string folder) => IsIn(folder) ? Read(System.IO.Path.Combine(folder, FileName)) : null;

    /// <summary>Whether a folder has such a file.</summary>
    internal static bool IsIn(string folder) => FileStatus.Of(System.IO.Path.Combine(folder, FileName)).Kind != FileKind.Missing;

    internal static CharacterVocabulary Read(string path) => InputFile.Check(path, Need) is { Length: <= LongestFile }
        ? new(path, InputFile.ReadAll(path, Need))
        : throw new GptGenException($"'{path}' has more than {LongestFile} bytes, which no vocabulary of characters needs: {Remedy}.");

    /// <summary>Refuses a tokenizer that is another than that of the token files in a folder, where a <c>meta.pkl</c> tells which that is.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">The tokenizer; null where the tokens' text does not matter.</param>
    /// <exception cref="GptGenException">It is another, or the file cannot be read.</exception>
    internal static void RequireIn(string folder, Tokenizer? tokenizer)
    {
        if (tokenizer is null || In(folder) is not { } vocabulary)
            return;
        var isSame = vocabulary.Characters is { } characters
            ? tokenizer is CharacterTokenizer other && other.Characters.SequenceEqual(characters)
            : vocabulary.Size is null || vocabulary.Size == tokenizer.VocabularySize;
        if (isSame)
            return;
        throw new GptGenException(vocabulary.Characters is null
            ? $"'{vocabulary.Path}' says that the tokens beside it are of a vocabulary of {vocabulary.Size}, "
                + $"but '{tokenizer.Name}' has {tokenizer.VocabularySize}: give the right tokenizer."
            : $"'{vocabulary.Path}' says that the tokens beside it are {vocabulary.Characters.Length} characters, "
                + $"not those of the tokenizer '{tokenizer.Name}': give the tokenizer of '{folder}'.");
    }

    private Rune[]? ReadCharacters(Dictionary<object, object?> entries)
    {
        var (itos, stoi) = (entries.GetValueOrDefault("itos"), entries.GetValueOrDefault("stoi"));
        if (itos is null && stoi is null)
            return null;
        var fromNames = stoi is Dictionary<object, object?> tokens
            ? Ordered(tokens.Select(static entry => (entry.Value, (object?)entry.Key)), "stoi")
            : null;
        var fromTokens = itos switch
        {
            Dictionary<object, object?> names => Ordered(names.Select(static entry => ((object?)entry.Key, entry.Value)), "itos"),
            List<object?> list => Ordered(list.Select(static (name, token) => ((object?)(long)token, name)), "itos"),
            _ => fromNames ?? throw Wrong("has neither a dictionary 'stoi' nor 'itos'"),
        };
        return fromNames is null || fromNames.AsSpan().SequenceEqual(fromTokens)
            ? fromTokens
            : throw Wrong("contradicts itself: 'stoi' and 'itos' differ");
    }

    private Rune[] Ordered(IEnumerable<(object? Token, object? Name)> entries, string key)
    {
        var found = entries.ToList();
        if (found.Count == 0)
            throw Wrong($"has no characters in '{key}'");
        var characters = new Rune[found.Count];
        var isSet = new bool[found.Count];
        foreach (var (token, name) in found)
        {
            if (name is not string text || !Rune.TryGetRuneAt(text + "\0", 0, out var character) || character.Utf16SequenceLength != text.Length)
            {
                throw new GptGenException(
                    $"'{Path}' has the token '{MessageText.Shorten($"{name}")}' in '{key}', which is not one character: "
                    + "only vocabularies of single characters are read.");
            }

            if (token is not long number || number < 0 || number >= characters.Length || isSet[number])
                throw Wrong($"numbers its {characters.Length} characters in '{key}' with gaps or twice");
            (characters[number], isSet[number]) = (character, true);
        }

        return characters.Distinct().Count() == characters.Length ? characters : throw Wrong($"has a character twice in '{key}'");
    }

    private GptGenException Wrong(string what) => new($"'{Path}' {what}: {Remedy}.");
}
