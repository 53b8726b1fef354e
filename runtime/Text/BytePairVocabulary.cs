namespace GptGen.Text;

/// <summary>A byte-pair vocabulary as the merging needs it.</summary>
internal sealed class BytePairVocabulary
{
    /// <summary>A vocabulary whose text is cut into GPT-2's pieces.</summary>
    /// <param name="tokens">The bytes of each token.</param>
    /// <param name="merges">What two neighbouring tokens merge into.</param>
    /// <param name="endOfText">The token that separates documents.</param>
    /// <param name="source">What error messages call the vocabulary.</param>
    /// <exception cref="GptGenException">Some byte has no token, so not every text could be encoded.</exception>
    public BytePairVocabulary(byte[][] tokens, MergeTable merges, AddedToken endOfText, string source)
    {
        Tokens = tokens;
        Merges = merges;
        EndOfText = endOfText.Number;
        Added = [endOfText];
        InPrompts = new(Added);
        FindBytes(tokens.Length, token => tokens[token] is [var value] ? value : null, source);
    }

    /// <summary>The vocabulary that files define.</summary>
    /// <param name="definition">What the files say.</param>
    /// <param name="names">The name of each number, null where a number stands for nothing.</param>
    /// <exception cref="GptGenException">Some byte has no token, so not every text could be encoded.</exception>
    public BytePairVocabulary(TokenizerDefinition definition, string?[] names)
    {
        Tokens = Array.ConvertAll(names, static name => name is null ? [] : VisibleBytes.BytesOf(name));
        Merges = definition.Merges!.Table;
        EndOfText = definition.EndOfText;
        BeginOfText = definition.BeginOfText;
        AddsSpace = definition.AddsSpace;
        CutsPieces = definition.CutsPieces;
        Added = definition.Added;
        if (definition.Added.Count > 0)
            InPrompts = new(definition.Added);
        if (definition.Added.Any(static token => !token.IsSpecial))
            InTexts = new(definition.Added.Where(static token => !token.IsSpecial));
        if (definition.TakesWholePieces)
            Whole = WholePieces(names, definition.Added);
        // A name that is no byte's character, such as a line end, is text: its token is not a byte's.
        FindBytes(names.Length, token => names[token] is { Length: 1 } name && VisibleBytes.AreIn(name) ? Tokens[token][0] : null, definition.Source);
    }

    /// <summary>The bytes of each token; none where a number stands for nothing.</summary>
    public byte[][] Tokens { get; }

    public int[] TokenOfByte { get; } = new int[256];

    public int? EndOfText { get; }

    public int? BeginOfText { get; }

    public MergeTable Merges { get; }

    /// <summary>Whether a text that begins with no space is given one.</summary>
    public bool AddsSpace { get; }

    /// <summary>Whether text is cut into pieces; otherwise it is one.</summary>
    public bool CutsPieces { get; } = true;

    /// <summary>The tokens that are found by their names.</summary>
    public IReadOnlyCollection<AddedToken> Added { get; }

    /// <summary>The tokens whose names become tokens in prompts; null where there are none.</summary>
    public AddedTokens? InPrompts { get; }

    /// <summary>Those whose names become tokens in every text; null where there are none.</summary>
    public AddedTokens? InTexts { get; }

    /// <summary>The tokens of whole pieces, which count before any merge; null where merges alone count.</summary>
    public Dictionary<byte[], int>? Whole { get; }

    /// <summary>The token of a whole piece; null where merges count.</summary>
    public int? TokenOfWhole(ReadOnlySpan<byte> piece) =>
        Whole is not null && Whole.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(piece, out var token) ? token : null;

    private static Dictionary<byte[], int> WholePieces(string?[] names, IReadOnlyCollection<AddedToken> added)
    {
        var outside = added.Select(static token => token.Number).ToHashSet();
        var whole = new Dictionary<byte[], int>(names.Length, new ByteComparer());
        for (var token = 0; token < names.Length; token++)
        {
            if (names[token] is { } name && VisibleBytes.AreIn(name) && !outside.Contains(token))
                whole[VisibleBytes.BytesOf(name)] = token;
        }

        return whole;
    }

    private void FindBytes(int tokens, Func<int, byte?> byteOf, string source)
    {
        Array.Fill(TokenOfByte, -1);
        for (var token = 0; token < tokens; token++)
        {
            if (byteOf(token) is { } value)
                TokenOfByte[value] = token;
        }

        if (Array.IndexOf(TokenOfByte, -1) is >= 0 and var missing)
            throw new GptGenException($"'{source}' has no token for byte {missing}: it is not a byte-level vocabulary; use GPT-2's files.");
    }
}
