namespace GptGen.Text;

/// <summary>What belongs to Marian's vocabularies (<c>opus-mt-*</c>) besides the tokens' numbers: how texts of each language are cut.</summary>
/// <param name="source">The language that is translated.</param>
/// <param name="target">The language of translations.</param>
internal sealed class MarianDefinition(SentencePieceModel source, SentencePieceModel target)
{
    /// <summary>The token that ends texts, where no file names another.</summary>
    public const string EndName = "</s>";

    private const string UnknownName = "<unk>";

    /// <summary>The language that is translated.</summary>
    public SentencePieceModel Source => source;

    /// <summary>The language of translations.</summary>
    public SentencePieceModel Target => target;

    /// <summary>Whether spaces before marks are taken out of what is written.</summary>
    public bool CleansText { get; set; }

    /// <summary>The token of what is not known.</summary>
    public int Unknown { get; private set; }

    /// <summary>The token that fills rows up, with which translations begin.</summary>
    public int? Padding { get; private set; }

    /// <summary>Reads the files.</summary>
    /// <param name="vocabularyPath">Numbers of the pieces of both languages.</param>
    /// <param name="sourcePath">Pieces of the language that is translated.</param>
    /// <param name="targetPath">Pieces of the language of translations.</param>
    /// <param name="note">Takes what a user should know.</param>
    /// <exception cref="GptGenException">A file is missing, damaged, of a kind that is not read, or of another model.</exception>
    public static TokenizerDefinition Read(string vocabularyPath, string sourcePath, string targetPath, Action<string>? note)
    {
        var numbers = VocabularyFiles.ReadNumbers(vocabularyPath);
        return new()
        {
            Source = vocabularyPath,
            Numbers = numbers,
            Marian = new(ReadModel(sourcePath), ReadModel(targetPath)),
        };

        SentencePieceModel ReadModel(string path)
        {
            var model = new SentencePieceModel(SentencePieceFile.Read(path));
            string[] pieces =
            [
                .. model.Pieces.Where(static piece => piece.Kind is SentencePieceFile.Kind.Normal or SentencePieceFile.Kind.UserDefined)
                    .Select(static piece => piece.Text),
            ];
            string[] missing = [.. pieces.Where(piece => !numbers.TryGet(piece, out _))];
            if (missing.Length == 0)
                return model;
            // Some are missing in published folders: pieces that the model's own data does not have.
            if (missing.Length > pieces.Length / 2)
            {
                throw new GptGenException(
                    $"'{vocabularyPath}' lacks {missing.Length} of the {pieces.Length} pieces of '{path}', '{MessageText.Shorten(missing[0])}' among "
                    + "them, so they belong to different models: download the folder again.");
            }

            note?.Invoke(FormattableString.Invariant(
                $"{missing.Length:N0} of {pieces.Length:N0} pieces of '{path}' are no tokens of '{vocabularyPath}' and read as unknown"));
            return model;
        }
    }

    /// <summary>What is special to Marian's class in <c>tokenizer_config.json</c>. Languages only name what the models were trained on.</summary>
    /// <exception cref="GptGenException">A key asks for what is not done here.</exception>
    public void ReadSettings(JsonKeys keys)
    {
        keys.Ignore("source_lang", "target_lang", "source_spm", "target_spm", "vocab", "target_vocab_file");
        if (keys.TakeFlag("separate_vocabs") == true)
            throw keys.Unsupported("separate_vocabs", "true");
        if (keys.TakeObject("sp_model_kwargs") is { Left.Count: > 0 })
            throw keys.Unsupported("sp_model_kwargs", "an object with settings");
    }

    /// <summary>Finds the tokens with a role, once all files are read. In prompts they are found by their names.</summary>
    /// <param name="definition">The vocabulary.</param>
    /// <param name="roles">What files beside the vocabulary say: a name, or null for none; roles that they do not mention are absent.</param>
    /// <exception cref="GptGenException">The vocabulary has no token for what is unknown, or a token that text would be cut at.</exception>
    public void Settle(TokenizerDefinition definition, IReadOnlyDictionary<string, string?> roles)
    {
        if (definition.Added.FirstOrDefault(static token => !token.IsSpecial) is { } plain)
        {
            throw new GptGenException(
                $"'{definition.Source}': the added token '{MessageText.Shorten(plain.Content)}' is not special, which Marian's vocabularies do not "
                + "have here: make it special.");
        }

        Unknown = Find("unk_token", UnknownName) ?? throw new GptGenException(
            $"'{definition.Source}' has no token '{MessageText.Shorten(roles.GetValueOrDefault("unk_token") ?? UnknownName)}', so not every text "
            + "could be encoded: download the folder again.");
        Padding = Find("pad_token", "<pad>");

        int? Find(string role, string usual)
        {
            var name = roles.TryGetValue(role, out var named) ? named : usual;
            if (name is null || !definition.Numbers.TryGet(name, out var token))
                return null;
            definition.Add((definition.FindAdded(name) ?? new(name, token)) with { IsSpecial = true }, definition.Source);
            return token;
        }
    }
}
