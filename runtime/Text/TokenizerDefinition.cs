namespace GptGen.Text;

/// <summary>What a tokenizer's files say, whatever their format. The readers fill it in; <see cref="Create"/> makes the tokenizer.</summary>
internal sealed class TokenizerDefinition
{
    /// <summary>The longest name of an added token: a text is compared with it at every place where it could begin.</summary>
    private const int LongestAdded = 1000;

    private readonly Dictionary<string, AddedToken> _added = new(StringComparer.Ordinal);

    /// <summary>The file of the vocabulary, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>The file of the merges and where in it they end, for messages.</summary>
    public string MergesEnd { get; init; } = "";

    /// <summary>The tokens' numbers.</summary>
    public required TokenNumbers Numbers { get; init; }

    /// <summary>The merges; null for a vocabulary of WordPiece or SentencePiece, which has none.</summary>
    public MergeList? Merges { get; init; }

    /// <summary>What belongs to a vocabulary of WordPiece; null for byte-pair encoding.</summary>
    public WordPieceDefinition? WordPieces { get; init; }

    /// <summary>What belongs to Marian's vocabularies; null for others.</summary>
    public MarianDefinition? Marian { get; init; }

    /// <summary>The name that the token which separates documents has where no file names another.</summary>
    public string UsualEnd => Marian is null ? BytePairTokenizer.EndOfTextName : MarianDefinition.EndName;

    /// <summary>Whether tokens are GPT-1's, which say where a word ends; otherwise they are bytes as GPT-2 writes them, or WordPiece's.</summary>
    public bool MarksWordEnds { get; init; }

    /// <summary>Whether text is cut into words by itself, so that nothing of the space around them is kept.</summary>
    public bool CutsWords => MarksWordEnds || WordPieces is not null;

    /// <summary>Whether a text that begins with no space is given one.</summary>
    public bool AddsSpace { get; set; }

    /// <summary>Whether text is cut into GPT-2's pieces.</summary>
    public bool CutsPieces { get; init; } = true;

    /// <summary>Whether a piece that is a token is that token, whatever the merges give.</summary>
    public bool TakesWholePieces { get; init; }

    /// <summary>The token that separates documents.</summary>
    public int? EndOfText { get; set; }

    /// <summary>The token that begins texts, where the files name one.</summary>
    public int? BeginOfText { get; set; }

    /// <summary>The tokens that are found by their names.</summary>
    public IReadOnlyCollection<AddedToken> Added => _added.Values;

    /// <summary>
    /// Whether GPT-1's rules are meant. In GPT-2's pieces a letter never stands beside symbols, so none of its tokens looks like that.
    /// </summary>
    public static bool HasWordEnds(TokenNumbers numbers) =>
        numbers.All.Any(static name => name.EndsWith(Gpt1Tokenizer.WordEnd, StringComparison.Ordinal));

    /// <summary>Takes a token that is found by its name; what was said of it before is replaced.</summary>
    /// <exception cref="GptGenException">It has another number in the vocabulary, or its name is empty or endless.</exception>
    public void Add(AddedToken token, string source)
    {
        if (token.Content.Length is 0 or > LongestAdded)
        {
            throw new GptGenException(
                $"'{source}': the name of the added token {token.Number} has {token.Content.Length} characters, "
                + $"but must have between 1 and {LongestAdded}: shorten or remove it.");
        }

        if (CutsWords && !token.IsSpecial)
        {
            throw new GptGenException(
                $"'{source}': the added token '{MessageText.Shorten(token.Content)}' is not special, which "
                + $"{(MarksWordEnds ? "GPT-1's" : "WordPiece")} vocabularies do not have here: make it special.");
        }

        Numbers.Add(token.Content, token.Number, source);
        _added[token.Content] = token;
    }

    /// <summary>What was said of a token of that name, or null.</summary>
    public AddedToken? FindAdded(string content) => _added.GetValueOrDefault(content);

    /// <summary>The name of a token, or null.</summary>
    public string? NameOf(int token) => Numbers.All.FirstOrDefault(name => Numbers.Find(name, -1) == token);

    /// <summary>Makes the tokenizer.</summary>
    /// <param name="name">Its folder.</param>
    /// <exception cref="GptGenException">Numbers are shared or endless, a byte has no token, or the merges do not make the tokens.</exception>
    public Tokenizer Create(string name)
    {
        var names = Numbers.ToNames(Source);
        if (WordPieces is not null)
            return new WordPieceTokenizer(name, this, names);
        if (Marian is not null)
            return new MarianTokenizer(name, this, names);
        if (!TakesWholePieces)
            CheckMerges(names, Merges!);
        // As in Hugging Face's library its name is found in prompts, whether a file says so or not.
        if (MarksWordEnds && FindAdded(Gpt1Tokenizer.Unknown) is null && Numbers.TryGet(Gpt1Tokenizer.Unknown, out var unknown))
            Add(new(Gpt1Tokenizer.Unknown, unknown), Source);
        return MarksWordEnds ? new Gpt1Tokenizer(name, this, names) : new BytePairTokenizer(name, new BytePairVocabulary(this, names));
    }

    /// <summary>
    /// Each token is a symbol that merges begin with, a mark, or made by a merge: by this a list of merges that was cut short is noticed. What is
    /// written in brackets counts as a mark, because recipes put such tokens into a vocabulary without saying so elsewhere.
    /// </summary>
    private void CheckMerges(string?[] names, MergeList merges)
    {
        var (symbols, marks, unmade) = (0, 0, -1);
        for (var token = 0; token < names.Length; token++)
        {
            if (names[token] is not { } name || merges.Makes(token))
                continue;
            if (IsSymbol(name))
                symbols++;
            else if (IsMark(name))
                marks++;
            else if (unmade < 0)
                unmade = token;
        }

        if (unmade < 0)
            return;
        var kind = MarksWordEnds ? "symbols" : "bytes";
        throw new GptGenException(
            $"{MergesEnd} has {merges.Count} merges, but {Numbers.Count} tokens - {symbols} {kind} - {marks} special = "
            + $"{Numbers.Count - symbols - marks}: nothing makes token '{MessageText.Shorten(names[unmade]!)}' ({unmade}). "
            + "The merges are cut short or of another vocabulary: download the vocabulary and its merges again; "
            + $"tokens added by hand belong into {TokenizerFileNames.Added}.");
    }

    private bool IsSymbol(string name)
    {
        if (!MarksWordEnds)
            return name.Length == 1;
        var symbol = name.EndsWith(Gpt1Tokenizer.WordEnd, StringComparison.Ordinal)
            ? name.AsSpan(0, name.Length - Gpt1Tokenizer.WordEnd.Length)
            : name;
        return symbol.Length == 1 || symbol.Length == 2 && char.IsSurrogatePair(symbol[0], symbol[1]);
    }

    private bool IsMark(string name) =>
        _added.ContainsKey(name) || name is ['<', .., '>'] or ['[', .., ']'] || !MarksWordEnds && !VisibleBytes.AreIn(name);
}
