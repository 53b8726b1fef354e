namespace GptGen.Text;

/// <summary>A byte-level vocabulary as files write it.</summary>
/// <param name="Names">The name of each token (<see cref="VisibleBytes"/>, or an added token's own); null where a number stands for nothing.</param>
/// <param name="Merges">The merges in the order in which they were learned.</param>
/// <param name="Added">The tokens that are found by their names.</param>
/// <param name="AddsSpace">Whether a text that begins with no space is given one.</param>
/// <param name="CutsPieces">Whether text is cut into GPT-2's pieces.</param>
/// <param name="TakesWholePieces">Whether a piece that is a token is that token, whatever the merges give.</param>
internal sealed record BytePairContents(
    IReadOnlyList<string?> Names, IReadOnlyList<(int Left, int Right)> Merges, IReadOnlyCollection<AddedToken> Added, bool AddsSpace, bool CutsPieces,
    bool TakesWholePieces)
{
    /// <summary>The contents of a tokenizer; null where it is of another kind.</summary>
    public static BytePairContents? Of(Tokenizer tokenizer) => tokenizer switch
    {
        ByteTokenizer => new(Named(tokenizer, []), [], [], AddsSpace: false, CutsPieces: true, TakesWholePieces: false),
        BytePairTokenizer pairs => Of(pairs, pairs.Vocabulary),
        _ => null,
    };

    private static BytePairContents Of(BytePairTokenizer tokenizer, BytePairVocabulary vocabulary) => new(
        Named(tokenizer, vocabulary.Added), vocabulary.Merges.InOrder() ?? Reconstructed(tokenizer), vocabulary.Added, vocabulary.AddsSpace,
        vocabulary.CutsPieces, vocabulary.Whole is not null);

    private static string?[] Named(Tokenizer tokenizer, IEnumerable<AddedToken> added)
    {
        var names = new string?[tokenizer.VocabularySize];
        for (var token = 0; token < names.Length; token++)
            names[token] = tokenizer.Bytes(token) is { IsEmpty: false } bytes ? VisibleBytes.Name(bytes) : null;
        foreach (var token in added)
            names[token.Number] = token.Content;
        return names;
    }

    /// <summary>
    /// The merges of a vocabulary in which every token but the bytes is made by one, in the order of their numbers: each token's is the last that its
    /// bytes undergo where only the tokens before it exist.
    /// </summary>
    private static List<(int Left, int Right)> Reconstructed(Tokenizer tokenizer)
    {
        var merges = new List<(int Left, int Right)>();
        var numbers = new Dictionary<byte[], int>(new ByteComparer());
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (token != tokenizer.EndOfText)
                numbers[tokenizer.Bytes(token).ToArray()] = token;
        }

        var find = numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var (bytes, token) in numbers.Where(static entry => entry.Key.Length > 1).OrderBy(static entry => entry.Value))
        {
            List<int> cuts = [.. Enumerable.Range(0, bytes.Length + 1)];
            while (cuts.Count > 3)
            {
                var (best, at) = (token, -1);
                for (var i = 0; i + 2 < cuts.Count; i++)
                {
                    if (find.TryGetValue(bytes.AsSpan(cuts[i]..cuts[i + 2]), out var number) && number < best)
                        (best, at) = (number, i + 1);
                }

                cuts.RemoveAt(at);
            }

            merges.Add((find[bytes.AsSpan(0, cuts[1])], find[bytes.AsSpan(cuts[1])]));
        }

        return merges;
    }
}
