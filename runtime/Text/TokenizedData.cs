namespace GptGen.Text;

/// <summary>
/// The tokens that files and folders give: of UTF-8 text, or of token files (<c>.bin</c>) as nanoGPT and llm.c write them. Among token files those
/// that say so in their names (<c>val.bin</c>, <c>fineweb_val_000000.bin</c>) are for validation; without such a file, and for text, the last tenth is.
/// </summary>
public sealed class TokenizedData : IDisposable
{
    private const string TokenFileExtension = ".bin";
    private static readonly string[] s_validationNames = ["val", "valid", "validation"];

    private readonly TokenSource _training;
    private readonly TokenSource? _validation;

    private TokenizedData(string source, TokenSource training, TokenSource? validation)
    {
        Source = source;
        _training = training;
        _validation = validation;
    }

    /// <summary>Where the tokens come from, for people.</summary>
    public string Source { get; }

    /// <summary>The text, or null for token files.</summary>
    public TextCorpus? Text { get; private init; }

    /// <summary>The tokens of a corpus.</summary>
    public static TokenizedData FromText(TextCorpus corpus, Tokenizer tokenizer) =>
        new(corpus.Source, TokenSource.FromMemory(corpus.Tokenize(tokenizer)), validation: null) { Text = corpus };

    /// <summary>Opens text or token files. A folder that holds token files gives these and nothing else.</summary>
    /// <param name="paths">Files and folders, all of text or all of tokens.</param>
    /// <param name="tokenizer">The tokenizer; every token of a token file must be one of its.</param>
    /// <exception cref="GptGenException">
    /// A path is missing or cannot be read, text is empty or not UTF-8, a token file is damaged or of another vocabulary, or both kinds are mixed.
    /// </exception>
    public static TokenizedData Load(IReadOnlyList<string> paths, Tokenizer tokenizer)
    {
        var files = paths.SelectMany(TokenFilesOf).ToList();
        if (files.Count == 0)
            return FromText(TextCorpus.Load(paths), tokenizer);
        if (paths.FirstOrDefault(static path => !TokenFilesOf(path).Any()) is { } text)
            throw new GptGenException($"'{text}' is text, but '{files[0]}' holds tokens: give text or token files, not both.");

        var validation = files.Where(IsForValidation).ToList();
        var training = files.Where(static path => !IsForValidation(path)).ToList();
        // Only validation files: they are what is asked for.
        if (training.Count == 0)
            (training, validation) = (validation, []);
        var trainingTokens = Open(training, tokenizer);
        try
        {
            return new(string.Join(", ", paths), trainingTokens, validation.Count > 0 ? Open(validation, tokenizer) : null);
        }
        catch
        {
            trainingTokens.Dispose();
            throw;
        }
    }

    /// <summary>The tokens to train on and those to validate on. Valid as long as this object.</summary>
    public TokenDataset Split() => _validation is null ? TokenDataset.Split(_training) : new(_training, _validation);

    /// <summary>The tokens to evaluate a finished model on: those for validation where files say so, otherwise all. Valid as long as this object.</summary>
    public TokenSource ForEvaluation => _validation ?? _training;

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _training.Dispose();
        _validation?.Dispose();
    }

    private static IEnumerable<string> TokenFilesOf(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*" + TokenFileExtension).Order(StringComparer.Ordinal)
        : path.EndsWith(TokenFileExtension, StringComparison.OrdinalIgnoreCase) ? [path]
        : [];

    private static bool IsForValidation(string path) =>
        Path.GetFileNameWithoutExtension(path).Split('_', '-', '.').Any(part => s_validationNames.Contains(part, StringComparer.OrdinalIgnoreCase));

    private static TokenSource Open(List<string> paths, Tokenizer tokenizer)
    {
        var parts = new List<TokenSource>();
        try
        {
            foreach (var path in paths)
            {
                parts.Add(TokenFile.Open(path, tokenizer.VocabularySize));
                // Reading is checking: a wrong token shows now, not in the middle of a run.
                parts[^1].ForEachPart(static _ => { });
            }

            return TokenSource.Concatenate(parts);
        }
        catch
        {
            parts.ForEach(static part => part.Dispose());
            throw;
        }
    }
}
