namespace GptGen.Text;

/// <summary>
/// Learns a byte-level byte-pair vocabulary from text, as GPT-2's was (Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword
/// Units", algorithm 1, on bytes): the text is cut into pieces (<see cref="BytePairTokenizer"/> says how); then, again and again, the most frequent
/// pair of neighbouring tokens becomes a token. Of equally frequent pairs the one whose left token has the lower number is first, then the one whose
/// right token has. A pair that occurs once is never merged. The same text gives the same vocabulary.
/// </summary>
public static class BytePairTrainer
{
    /// <summary>The smallest vocabulary: the 256 bytes and <c>&lt;|endoftext|&gt;</c>.</summary>
    public const int SmallestVocabulary = 257;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="corpus">The text. Names of special tokens in it are ordinary text.</param>
    /// <param name="vocabulary">
    /// The number of tokens, at least <see cref="SmallestVocabulary"/>. Fewer are learned when no pair occurs twice any more.
    /// </param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="GptGenException">The vocabulary is too small, or the text has too many distinct pieces to count.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static TrainedVocabulary Train(TextCorpus corpus, int vocabulary, CancellationToken cancellation = default)
    {
        CheckSize(vocabulary);
        var pieces = CountPieces(corpus, cancellation);
        var tokens = new int[VisibleBytes.InOrder.Length];
        for (var token = 0; token < tokens.Length; token++)
            tokens[VisibleBytes.InOrder[token]] = token;
        var pairs = new PairCounts(
            pieces.Select(piece => (Array.ConvertAll(piece.Key, value => tokens[value]), piece.Value)),
            pieces.Keys.Sum(static piece => (long)piece.Length));
        var merges = new List<(int Left, int Right)>();
        while (merges.Count < vocabulary - SmallestVocabulary && pairs.TryMergeMostFrequent((_, _) => tokens.Length + merges.Count, out var merge))
        {
            cancellation.ThrowIfCancellationRequested();
            merges.Add(merge);
        }

        return new(merges, corpus.ByteCount, pairs.TokenCount);
    }

    /// <summary>Throws when a vocabulary is too small to be learned.</summary>
    /// <param name="vocabulary">The number of tokens.</param>
    /// <exception cref="GptGenException">It is below <see cref="SmallestVocabulary"/>.</exception>
    public static void CheckSize(int vocabulary)
    {
        if (vocabulary < SmallestVocabulary)
        {
            throw new GptGenException(
                $"A vocabulary of {vocabulary} tokens is too small: it must have at least {SmallestVocabulary}, "
                + $"the 256 bytes and {BytePairTokenizer.EndOfTextName}.");
        }
    }

    private static Dictionary<byte[], long> CountPieces(TextCorpus corpus, CancellationToken cancellation)
    {
        var pieces = new Dictionary<byte[], long>(new ByteComparer());
        var lookup = pieces.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var document in corpus.Documents)
        {
            for (ReadOnlySpan<byte> text = document; !text.IsEmpty;)
            {
                cancellation.ThrowIfCancellationRequested();
                var piece = text[..Gpt2Pieces.FirstLength(text)];
                lookup[piece] = lookup.TryGetValue(piece, out var count) ? count + 1 : 1;
                text = text[piece.Length..];
            }
        }

        return pieces;
    }
}
