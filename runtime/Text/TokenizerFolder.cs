using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Files;

namespace GptGen.Text;

/// <summary>
/// The tokenizer's files of a folder. As in Hugging Face's libraries Marian's three files count where they are there, otherwise
/// <c>tokenizer.json</c>, otherwise a vocabulary of two files or <c>vocab.txt</c>; the files beside them say more of their tokens. Each file that
/// has a tokenizer's name is read, changes nothing, or is named in a refusal or a note.
/// </summary>
internal sealed class TokenizerFolder
{
    private const string EndKey = "eos_token_id";

    private readonly string _path;
    private readonly HashSet<string> _names;
    private readonly (string Vocabulary, string Merges)? _pair;
    private byte[]? _mapForCopies;

    private TokenizerFolder(string path, HashSet<string> names)
    {
        (_path, _names) = (path, names);
        foreach (var pair in TokenizerFileNames.Pairs)
        {
            if (_pair is null && names.Contains(pair.Vocabulary) && names.Contains(pair.Merges))
                _pair = pair;
        }
    }

    /// <summary>Whether the folder holds no file of a tokenizer, of whatever kind.</summary>
    public bool IsEmpty => FirstFile is null;

    /// <summary>A file of a tokenizer, of whatever kind, that the folder holds; null where there is none.</summary>
    public string? FirstFile =>
        _names.Where(TokenizerFileNames.IsTokenizers).Order(StringComparer.Ordinal).FirstOrDefault() is { } name ? At(name) : null;

    /// <summary>Whether the folder holds a vocabulary of a kind that is read.</summary>
    public bool HasVocabulary => HasMarian || HasJson || _pair is not null || HasWordPieces || HasCharacters;

    /// <summary>Whether nanoGPT's characters are the only tokenizer here.</summary>
    private bool HasCharacters => _names.Where(TokenizerFileNames.IsTokenizers).ToList() is [CharacterVocabulary.FileName];

    /// <summary>Whether a vocabulary of whole words is the only tokenizer here.</summary>
    private bool HasWords =>
        _names.Where(TokenizerFileNames.IsTokenizers).ToList() is [WordVocabularyTokenizer.FileName]
        && WordVocabularyTokenizer.IsOne(At(WordVocabularyTokenizer.FileName));

    private bool HasWordPieces => _names.Contains(TokenizerFileNames.WordPieces);

    private bool HasMarian => _names.Contains(TokenizerFileNames.Vocabulary) && TokenizerFileNames.Marian.All(_names.Contains);

    private bool HasJson => _names.Contains(TokenizerFileNames.Json);

    /// <summary>Looks into a folder. Nothing is opened.</summary>
    /// <exception cref="GptGenException">The folder cannot be read.</exception>
    public static TokenizerFolder Look(string path)
    {
        try
        {
            return new(path, [.. Directory.EnumerateFiles(path).Select(static file => Path.GetFileName(file))]);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(path, error);
        }
    }

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="note">Takes what a user should know.</param>
    /// <exception cref="GptGenException">Files are missing, damaged, or of a kind that is not read; the file is named.</exception>
    public Tokenizer Open(Action<string>? note)
    {
        if (HasCharacters)
            return CharacterTokenizer.FromFolder(_path);
        if (HasWords)
            return WordVocabularyTokenizer.FromFolder(_path);
        var definition = ReadVocabulary(note);
        var roles = SpecialTokenFiles.Read(_path, _names, definition, note);
        definition.WordPieces?.Settle(definition, roles.Names, note);
        definition.Marian?.Settle(definition, roles.Names);
        FindEnd(definition, roles, note);
        // What only the model's configuration says stays behind with it.
        if (roles.EndSource is null && definition.EndOfText is { } end && definition.NameOf(end) is { } name
            && name != definition.UsualEnd)
            _mapForCopies = roles.ToMap(name);
        var tokenizer = definition.Create(_path);
        tokenizer.Origin = this;
        return tokenizer;
    }

    /// <summary>The files that make the same tokenizer, once opened, in another folder: under their usual names, the vocabulary's own last.</summary>
    /// <exception cref="GptGenException">A file can no longer be read.</exception>
    public List<(string Name, byte[] Content)> Files()
    {
        if (HasCharacters)
            return [(CharacterVocabulary.FileName, TokenizerFileNames.ReadAll(At(CharacterVocabulary.FileName)))];
        List<(string Name, byte[] Content)> files = [];
        foreach (var name in TokenizerFileNames.Harmless.Concat(TokenizerFileNames.Companions).Where(_names.Contains))
            files.Add((name, TokenizerFileNames.ReadAll(At(name))));
        if (_mapForCopies is { } map)
        {
            files.RemoveAll(static file => file.Name == TokenizerFileNames.SpecialTokens);
            files.Add((TokenizerFileNames.SpecialTokens, map));
        }

        if (HasMarian)
        {
            foreach (var name in (ReadOnlySpan<string>)[.. TokenizerFileNames.Marian, TokenizerFileNames.Vocabulary])
                files.Add((name, TokenizerFileNames.ReadAll(At(name))));
            return files;
        }

        if (_pair is var (vocabulary, merges))
        {
            files.Add((TokenizerFileNames.Merges, TokenizerFileNames.ReadAll(At(merges))));
            files.Add((TokenizerFileNames.Vocabulary, TokenizerFileNames.ReadAll(At(vocabulary))));
        }

        foreach (var name in (ReadOnlySpan<string>)[TokenizerFileNames.WordPieces, TokenizerFileNames.Json])
        {
            if (_names.Contains(name))
                files.Add((name, TokenizerFileNames.ReadAll(At(name))));
        }

        return files;
    }

    private TokenizerDefinition ReadVocabulary(Action<string>? note)
    {
        if (HasMarian)
        {
            foreach (var name in _names.Where(TokenizerFileNames.IsNotMarians).Order(StringComparer.Ordinal))
                note?.Invoke($"'{At(name)}' is not read: '{TokenizerFileNames.Source}' and '{TokenizerFileNames.Target}' count");
            return MarianDefinition.Read(
                At(TokenizerFileNames.Vocabulary), At(TokenizerFileNames.Source), At(TokenizerFileNames.Target), note);
        }

        if (HasJson)
        {
            var definition = TokenizerJson.Read(At(TokenizerFileNames.Json), note);
            foreach (var name in _names.Where(TokenizerFileNames.IsOfPair).Order(StringComparer.Ordinal))
                Compare(definition, name, note);
            if (HasWordPieces)
                Compare(definition, TokenizerFileNames.WordPieces, note);
            foreach (var name in _names.Where(static name => TokenizerFileNames.ForeignKind(name) is not null).Order(StringComparer.Ordinal))
                note?.Invoke($"'{At(name)}' ({TokenizerFileNames.ForeignKind(name)}) is not read: '{TokenizerFileNames.Json}' counts");
            foreach (var name in TokenizerFileNames.Marian.Where(_names.Contains))
                note?.Invoke($"'{At(name)}' is not read without the other of Marian's files: '{TokenizerFileNames.Json}' counts");
            return definition;
        }

        if (TokenizerFileNames.Marian.FirstOrDefault(_names.Contains) is { } part)
        {
            throw new GptGenException(
                $"The folder '{_path}' holds {part} without "
                + $"{TokenizerFileNames.Marian.Append(TokenizerFileNames.Vocabulary).First(name => !_names.Contains(name))}: "
                + "download the model's tokenizer files.");
        }

        if (_names.Where(static name => TokenizerFileNames.ForeignKind(name) is not null).Order(StringComparer.Ordinal)
            .FirstOrDefault() is { } foreign)
        {
            throw new GptGenException(
                $"'{At(foreign)}' is a tokenizer's file of a kind that is not read ({TokenizerFileNames.ForeignKind(foreign)}): "
                + $"put a byte-level BPE '{TokenizerFileNames.Json}' there, or {TokenizerFileNames.Vocabulary} and "
                + $"{TokenizerFileNames.Merges}{(_pair is null ? "" : ", and remove it")}.");
        }

        if (HasWordPieces)
        {
            return _pair is null ? WordPieceFile.Read(At(TokenizerFileNames.WordPieces)) : throw new GptGenException(
                $"The folder '{_path}' holds two vocabularies, {TokenizerFileNames.WordPieces} (WordPiece) and {_pair.Value.Vocabulary}: "
                + "remove the one that is not the model's.");
        }

        if (_pair is not var (vocabulary, merges))
            throw Missing();
        foreach (var name in _names.Where(name => TokenizerFileNames.IsOfPair(name) && name != vocabulary && name != merges)
            .Order(StringComparer.Ordinal))
            note?.Invoke($"'{At(name)}' is not read: '{vocabulary}' and '{merges}' count");
        return VocabularyFiles.Read(At(vocabulary), At(merges));
    }

    /// <summary>Says where a vocabulary of two files, which older programs read, is another than <c>tokenizer.json</c>'s.</summary>
    private void Compare(TokenizerDefinition definition, string name, Action<string>? note)
    {
        // The merges are read with their vocabulary.
        var isMerges = TokenizerFileNames.Pairs.Any(pair => pair.Merges == name);
        if (note is null || isMerges && _pair?.Merges == name)
            return;
        var fault = isMerges ? "lies without its vocabulary" : Difference(definition, name);
        if (fault is not null)
            note($"'{At(name)}' {fault}: '{TokenizerFileNames.Json}' counts, as in Hugging Face's libraries");
    }

    private string? Difference(TokenizerDefinition definition, string name)
    {
        try
        {
            var isPair = _pair?.Vocabulary == name;
            var other = isPair ? VocabularyFiles.Read(At(name), At(_pair!.Value.Merges)) : null;
            var numbers = other?.Numbers
                ?? (name == TokenizerFileNames.WordPieces ? WordPieceFile.ReadNumbers(At(name)) : VocabularyFiles.ReadNumbers(At(name)));
            return numbers.All.FirstOrDefault(
                token => !definition.Numbers.TryGet(token, out var number) || number != numbers.Find(token, -1)) is { } different
                ? $"numbers the token '{MessageText.Shorten(different)}' otherwise"
                : other?.Merges is { } merges && definition.Merges?.Table.IsSame(merges.Table) != true
                    ? $"and '{_pair!.Value.Merges}' have other merges"
                : null;
        }
        catch (GptGenException error)
        {
            return $"cannot be compared ({error.Message.TrimEnd('.')})";
        }
    }

    private GptGenException Missing()
    {
        var (first, other) = (TokenizerFileNames.Vocabulary, TokenizerFileNames.Merges);
        foreach (var pair in TokenizerFileNames.Pairs)
        {
            if (_names.Contains(pair.Vocabulary) || _names.Contains(pair.Merges))
                (first, other) = _names.Contains(pair.Vocabulary) ? pair : (pair.Merges, pair.Vocabulary);
        }

        return _names.Contains(first)
            ? new($"The folder '{_path}' holds {first} without {other}: download the model's tokenizer files, or its {TokenizerFileNames.Json}.")
            : new($"The folder '{_path}' does not hold {first} and {other}, nor {TokenizerFileNames.Json}: download the model's tokenizer files.");
    }

    /// <summary>
    /// The token that separates documents: the one with that role, otherwise the usual one where the vocabulary has it, otherwise what the model's
    /// configuration says.
    /// </summary>
    private void FindEnd(TokenizerDefinition definition, SpecialTokenFiles roles, Action<string>? note)
    {
        var configured = ReadConfigured(definition, note);
        if (roles.EndSource is null)
        {
            if (!definition.MarksWordEnds && definition.Numbers.TryGet(definition.UsualEnd, out var usual))
                definition.EndOfText = usual;
            else if (configured.Select(static end => end.Number).Distinct().ToList() is [var only] && definition.NameOf(only) is { } name)
                definition.EndOfText = only;
            if (definition.EndOfText is { } found && definition.NameOf(found) is { } endName)
                definition.Add(definition.FindAdded(endName) ?? new(endName, found), definition.Source);
            else if (!definition.CutsWords)
            {
                note?.Invoke(
                    $"the tokenizer in '{_path}' has no end-of-text token: nothing separates documents, and no sample ends before its length; "
                    + $"{TokenizerFileNames.SpecialTokens} can name one as eos_token");
            }
        }

        if (note is null || definition.EndOfText is not { } end)
            return;
        // A list may be long: one note a file.
        foreach (var other in configured.Where(configuredEnd => configuredEnd.Number != end)
            .GroupBy(static configuredEnd => configuredEnd.Source, static configuredEnd => configuredEnd.Number))
        {
            var more = other.Skip(1).Any() ? $" and {other.Count() - 1} more" : "";
            note(
                $"'{other.Key}' ends texts with token {other.First()}{more}, but the tokenizer's end of text is {end} "
                + $"('{MessageText.Shorten(definition.NameOf(end)!)}'), which counts");
        }
    }

    /// <summary>The tokens that the model's own files end texts with, and whether they speak of another kind of tokenizer.</summary>
    private List<(int Number, string Source)> ReadConfigured(TokenizerDefinition definition, Action<string>? note)
    {
        List<(int Number, string Source)> ends = [];
        foreach (var name in (ReadOnlySpan<string>)[ModelConfig.FileName, TokenizerFileNames.Generation])
        {
            if (!_names.Contains(name))
                continue;
            using var document = JsonFile.Parse(TokenizerFileNames.ReadAll(At(name)), At(name));
            var keys = JsonKeys.Of(document.RootElement, At(name));
            if (name == ModelConfig.FileName && !_names.Contains(TokenizerFileNames.Config))
                SpecialTokenFiles.CheckClass(keys, definition);
            switch (keys.Take(EndKey))
            {
                case { ValueKind: JsonValueKind.Array } list:
                    foreach (var entry in list.EnumerateArray())
                        ends.Add((Number(keys, entry), At(name)));
                    break;
                case { } value:
                    ends.Add((Number(keys, value), At(name)));
                    break;
            }

            keys.Ignore("bos_token_id", "pad_token_id", "_from_model_config", "transformers_version");
            if (name == TokenizerFileNames.Generation && keys.Left.Count > 0)
            {
                note?.Invoke(
                    $"'{At(name)}' also sets {MessageText.Shorten(string.Join(", ", keys.Left))}, which is not obeyed: "
                    + "sampling follows the options given here");
            }
        }

        return ends;

        static int Number(JsonKeys keys, JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw keys.Wrong(EndKey, "is no token's number");
    }

    private string At(string name) => Path.Combine(_path, name);
}
