using GptGen.Text;

namespace GptGen.Pretraining;

/// <summary>
/// Makes sequences of two texts, as google-research/bert's create_pretraining_data.py does: the second is what follows the first, or, with
/// probability 1/2 and wherever nothing follows it, begins at a random sentence of another document. Without next sentences a sequence is one text.
/// </summary>
/// <param name="documents">The documents.</param>
/// <param name="options">What is asked for.</param>
/// <param name="special">The marks.</param>
/// <param name="length">The longest sequence, T.</param>
internal sealed class SentencePairs(PretrainingDocuments documents, PretrainingOptions options, MaskedTokens special, int length)
{
    /// <summary>Marks of a sequence of two texts; one text has one less.</summary>
    public const int Marks = 3;

    /// <summary>The label of a second text that follows the first; the other is 1.</summary>
    public const int IsNext = 0;

    private const double RandomNext = 0.5;
    private const int ShortestTarget = 2;

    /// <summary>The most tokens of the texts.</summary>
    public int MostTokens { get; } = length - (options.NextSentence ? Marks : Marks - 1);

    /// <summary>
    /// Chooses where a sequence begins and how long it shall be. Every sentence is equally likely; where a document ends before the sequence would,
    /// the sequence begins earlier, so that short documents are taken whole.
    /// </summary>
    /// <returns>The first sentence, the one behind the last, and the number of tokens aimed at.</returns>
    public (int First, int End, int Target) Choose(ref RandomWords words)
    {
        var target = words.Happens(options.ShortSequences) ? ShortestTarget + words.Below(Math.Max(MostTokens - ShortestTarget + 1, 1)) : MostTokens;
        var first = words.Below(documents.SentenceCount);
        var (begin, end) = documents.SentencesOf(documents.DocumentOf(first));
        while (first > begin && documents.Length(first - 1, end) <= target)
            first--;
        return (first, documents.EndOf(first, end, target), target);
    }

    /// <summary>Writes a sequence.</summary>
    /// <param name="first">The first sentence.</param>
    /// <param name="end">The one behind the last, in the same document.</param>
    /// <param name="target">The number of tokens aimed at.</param>
    /// <param name="words">What decides.</param>
    /// <param name="tokens">Receives the tokens, (T); padding behind them.</param>
    /// <param name="types">Receives 0 for the first text and 1 for the second, (T); 0 behind them.</param>
    /// <returns>The number of tokens with their marks, and the label of the second text.</returns>
    public (int Length, int NextLabel) Write(int first, int end, int target, ref RandomWords words, Span<int> tokens, Span<int> types)
    {
        var label = Find(first, end, target, ref words, out var a, out var b);
        if (a.Length + b.Length > MostTokens)
        {
            // The longer is cut first, and of equal ones the second; each token from the beginning or from the end.
            var (shorter, longer) = a.Length > b.Length ? (b.Length, MostTokens - b.Length) : (a.Length, MostTokens - a.Length);
            var (kept, keptSecond) = longer < shorter ? (MostTokens - (MostTokens / 2), MostTokens / 2)
                : a.Length > b.Length ? (longer, shorter) : (shorter, longer);
            a = a.Slice(words.Heads(a.Length - kept), kept);
            b = b.Slice(words.Heads(b.Length - keptSecond), keptSecond);
        }

        tokens[0] = special.Classify;
        a.CopyTo(tokens[1..]);
        var at = 1 + a.Length;
        tokens[at++] = special.Separator;
        types[..at].Clear();
        if (options.NextSentence)
        {
            var start = at;
            b.CopyTo(tokens[at..]);
            at += b.Length;
            tokens[at++] = special.Separator;
            types[start..at].Fill(1);
        }

        tokens[at..].Fill(special.Padding);
        types[at..].Clear();
        return (at, label);
    }

    /// <summary>Finds the texts of a sequence.</summary>
    /// <returns>The label of the second.</returns>
    private int Find(int first, int end, int target, ref RandomWords words, out ReadOnlySpan<int> a, out ReadOnlySpan<int> b)
    {
        a = documents.Tokens(first, end);
        b = default;
        if (!options.NextSentence)
            return IsNext;
        var sentences = end - first;
        if (sentences > 1)
        {
            var cut = first + 1 + words.Below(sentences - 1);
            a = documents.Tokens(first, cut);
            b = documents.Tokens(cut, end);
            if (!words.Happens(RandomNext))
                return IsNext;
        }

        var other = documents.DocumentOf(first);
        if (documents.Count > 1)
        {
            var skipped = other;
            other = words.Below(documents.Count - 1);
            other += other >= skipped ? 1 : 0;
        }

        var (begin, stop) = documents.SentencesOf(other);
        begin += words.Below(stop - begin);
        b = documents.Tokens(begin, documents.EndOf(begin, stop, target - a.Length));
        return IsNext + 1;
    }
}
