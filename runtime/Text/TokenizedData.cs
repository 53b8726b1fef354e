namespace GptGen.Text;

/// <summary>
/// The tokens that files and folders give: of UTF-8 text, or of token files (<c>.bin</c>) as nanoGPT and llm.c write them. Among token files those
/// that say so in their names (<c>val.bin</c>, <c>fineweb_val_000000.bin</c>) are for validation; without such a file, and for text, the last tenth
/// is.
/// </summary>
public sealed class TokenizedData : IDisposable
{
    /// <summary>Fewer tokens tell nothing of how wide they are.</summary>
    private const int FewestToJudge = 32;

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
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static TokenizedData FromText(TextCorpus corpus, Tokenizer tokenizer, CancellationToken cancellation = default) =>
        new(corpus.Source, TokenSource.FromMemory(corpus.Tokenize(tokenizer, cancellation), $"'{corpus.Source}'"), validation: null)
        {
            Text = corpus,
        };

    /// <summary>The tokens of a corpus, in which the name of the token that separates documents may stand.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="options">Whether the name is that token; otherwise it is letters, and a note says so.</param>
    /// <param name="note">Receives one line on what a user should know.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">The name shall be the token, but the vocabulary has none.</exception>
    public static TokenizedData FromText(
        TextCorpus corpus, Tokenizer tokenizer, DataOptions options, Action<string>? note = null, CancellationToken cancellation = default) =>
        FromText(DocumentEnds.In(corpus, tokenizer, options.EndOfText, note), tokenizer, cancellation);

    /// <summary>Opens text or token files.</summary>
    /// <param name="paths">Files and folders, all of text or all of tokens.</param>
    /// <param name="tokenizer">The tokenizer; every token of a token file must be one of its.</param>
    /// <exception cref="GptGenException">
    /// A path is missing or cannot be read, text is empty or not UTF-8, a token file is damaged or of another vocabulary, or both kinds are mixed.
    /// </exception>
    public static TokenizedData Load(IReadOnlyList<string> paths, Tokenizer tokenizer) => Load(paths, tokenizer, tokenizer.VocabularySize, default);

    /// <summary>Opens text or token files.</summary>
    /// <param name="paths">Files and folders, all of text or all of tokens.</param>
    /// <param name="tokenizer">The tokenizer; token files need none.</param>
    /// <param name="vocabulary">The number of tokens that token files may hold.</param>
    /// <param name="options">How texts are read.</param>
    /// <param name="note">Receives one line for each thing that was left out or that a user should know.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">
    /// A path is missing or cannot be read, text is empty or not UTF-8 or has no tokenizer, a token file is damaged or of another vocabulary, or both
    /// kinds are mixed.
    /// </exception>
    public static TokenizedData Load(
        IReadOnlyList<string> paths, Tokenizer? tokenizer, int vocabulary, DataOptions options, Action<string>? note = null,
        CancellationToken cancellation = default)
    {
        var files = DataFiles.Find(paths, note, cancellation);
        if (!files.AreTokens)
        {
            return tokenizer is not null
                ? FromText(TextCorpus.Load(files, cancellation), tokenizer, options, note, cancellation)
                : throw new GptGenException($"'{files.Source}' is text, and no tokenizer is known for it: give a tokenizer.");
        }

        foreach (var folder in files.Files.Select(static file => Path.GetDirectoryName(Path.GetFullPath(file.Path))!).Distinct())
            CharacterVocabulary.RequireIn(folder, tokenizer);
        var training = files.Files.Where(static file => !DataFiles.IsForValidation(file.Path)).Select(static file => file.Path).ToList();
        var validation = files.Files.Where(static file => DataFiles.IsForValidation(file.Path)).Select(static file => file.Path).ToList();
        // Only validation files: they are what is asked for.
        if (training.Count == 0)
            (training, validation) = (validation, []);
        var trainingTokens = Open(training, vocabulary, cancellation);
        try
        {
            return new(files.Source, trainingTokens, validation.Count > 0 ? Open(validation, vocabulary, cancellation) : null);
        }
        catch
        {
            trainingTokens.Dispose();
            throw;
        }
    }

    /// <summary>The tokens to train on and those to validate on. Valid as long as this object.</summary>
    public TokenDataset Split() => _validation is null ? TokenDataset.Split(_training) : new(_training, _validation);

    /// <summary>
    /// The tokens to evaluate a finished model on: those for validation where files say so, otherwise all. Valid as long as this object.
    /// </summary>
    public TokenSource ForEvaluation => _validation ?? _training;

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _training.Dispose();
        _validation?.Dispose();
    }

    private static TokenSource Open(List<string> paths, int vocabulary, CancellationToken cancellation)
    {
        var parts = new List<TokenSource>();
        try
        {
            foreach (var path in paths)
            {
                var file = TokenFile.Open(path, vocabulary);
                parts.Add(file);
                Check(file, path, cancellation);
            }

            return TokenSource.Concatenate(parts);
        }
        catch
        {
            parts.ForEach(static part => part.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Reads a whole file: a wrong token shows now, not in the middle of a run. Numbers of 32 or 64 bits show as zeros between the others.
    /// </summary>
    private static void Check(TokenFile file, string path, CancellationToken cancellation)
    {
        var (even, odd) = (0, 0);
        file.ForEachPart(
            part =>
            {
                // Parts have an even length, all but the last.
                for (var index = 0; index < part.Length; index++)
                {
                    if ((index & 1) == 0)
                        even |= part[index];
                    else
                        odd |= part[index];
                }
            },
            cancellation);
        if (odd == 0 && even != 0 && file.Count >= FewestToJudge)
        {
            throw new GptGenException(
                $"'{path}' holds wider numbers than 16 bits: every second of its tokens is 0; write it as 16-bit tokens (NumPy's uint16).");
        }
    }
}
