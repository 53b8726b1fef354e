using System.Text;

namespace GptGen.Text;

/// <summary>
/// Learns a WordPiece vocabulary from text in the way of Hugging Face's trainer: as byte-pair encoding (Sennrich et al. 2016, algorithm 1) on the
/// characters of words, where what continues a word is written with <c>##</c>. That is not Google's unpublished program, which chose by likelihood.
/// First stand BERT's five special tokens, then the characters that begin or continue words, then a token for each merge. Of equally frequent pairs
/// the one whose left token has the lower number is first, then the one whose right token has; a pair that occurs once is never merged. The same text
/// gives the same vocabulary.
/// </summary>
public static class WordPieceTrainer
{
    /// <summary>
    /// The most characters that become tokens; words with rarer ones are <c>[UNK]</c>. Hugging Face's BertWordPieceTokenizer has the same limit.
    /// </summary>
    public const int LargestAlphabet = 1000;

    /// <summary>Longer words are never looked up.</summary>
    private const int LongestWord = 100;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="corpus">The text. Names of special tokens in it are ordinary text.</param>
    /// <param name="vocabulary">The number of tokens. Fewer are learned when no pair occurs twice any more.</param>
    /// <param name="isCased">Whether case and accents are kept.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="GptGenException">
    /// The vocabulary is too small for the text's characters, or the text has no word or too many to count.
    /// </exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static WordPieceVocabulary Train(TextCorpus corpus, int vocabulary, bool isCased = false, CancellationToken cancellation = default)
    {
        var rules = isCased ? WordRules.Cased : WordRules.Uncased;
        var words = CountWords(corpus, rules, cancellation);
        var characters = Alphabet(words);
        List<string> names = [.. WordPieceDefinition.UsualNames];
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in names.ToList())
            numbers.Add(name, numbers.Count);
        foreach (var character in characters)
            Number(character.ToString());
        var spelled = words.Where(word => word.Word.EnumerateRunes().All(characters.Contains)).ToList();
        foreach (var character in spelled.SelectMany(static word => word.Word.EnumerateRunes().Skip(1)).Distinct().Order())
            Number(WordPieceTokenizer.Continuation + character);
        if (names.Count > vocabulary)
        {
            throw new GptGenException(
                $"A vocabulary of {vocabulary} tokens is too small: the text's characters and the special tokens are {names.Count} already; "
                + "give at least that.");
        }

        var pieces = spelled.ConvertAll(word => (Tokens: Spell(word.Word), word.Count));
        var pairs = new PairCounts(pieces, pieces.Sum(static piece => (long)piece.Tokens.Length));
        while (names.Count < vocabulary && pairs.TryMergeMostFrequent(Join, out _))
            cancellation.ThrowIfCancellationRequested();
        return new(names, rules, corpus.ByteCount, words);

        int Join(int left, int right) => Number(names[left] + names[right][WordPieceTokenizer.Continuation.Length..]);

        int Number(string name)
        {
            if (numbers.TryAdd(name, names.Count))
                names.Add(name);
            return numbers[name];
        }

        int[] Spell(string word) =>
            [.. word.EnumerateRunes().Select((character, index) => numbers[(index == 0 ? "" : WordPieceTokenizer.Continuation) + character])];
    }

    /// <summary>The words of the text in an order that does not depend on where they stand in it.</summary>
    private static List<(string Word, long Count)> CountWords(TextCorpus corpus, WordRules rules, CancellationToken cancellation)
    {
        // What stands between spaces repeats, so each such piece is cut into words once.
        var pieces = new Dictionary<byte[], long>(new ByteComparer());
        var lookup = pieces.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var document in corpus.Documents)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var range in document.AsSpan().SplitAny(" \t\r\n"u8))
            {
                if (document.AsSpan(range) is { IsEmpty: false } piece)
                    lookup[piece] = lookup.TryGetValue(piece, out var count) ? count + 1 : 1;
            }
        }

        var words = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (piece, count) in pieces)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var word in BasicWords.Of(Encoding.UTF8.GetString(piece), rules))
                words[word] = words.GetValueOrDefault(word) + count;
        }

        List<(string Word, long Count)> ordered = [.. words.Where(static word => word.Key.EnumerateRunes().Count() <= LongestWord)
            .OrderBy(static word => word.Key, StringComparer.Ordinal).Select(static word => (word.Key, word.Value))];
        return ordered.Count > 0 ? ordered : throw new GptGenException($"'{corpus.Source}' holds no word to learn from: give a longer text.");
    }

    /// <summary>The most frequent characters, in the order of their numbers.</summary>
    private static SortedSet<Rune> Alphabet(List<(string Word, long Count)> words)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
        {
            foreach (var character in word.EnumerateRunes())
                counts[character] = counts.GetValueOrDefault(character) + count;
        }

        return
        [
            .. counts.OrderByDescending(static entry => entry.Value).ThenBy(static entry => entry.Key).Take(LargestAlphabet)
                .Select(static entry => entry.Key),
        ];
    }
}
