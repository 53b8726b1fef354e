using System.Globalization;
using System.Runtime.InteropServices;

namespace GptGen.Evaluation;

/// <summary>
/// Corpus BLEU (Papineni et al. 2002) as sacreBLEU counts it by default (Post 2018): words up to four in a row, tokenisation 13a, upper and lower
/// case differ, a precision without matches is halved again and again (smoothing <c>exp</c>), all four orders count.
/// </summary>
public sealed record BleuScore
{
    private const int Orders = 4;
    private const int WordBits = 32;

    private BleuScore(long[] matches, long[] totals, long hypothesisLength, long referenceLength, int references)
    {
        (Matches, Totals, HypothesisLength, ReferenceLength, References) = (matches, totals, hypothesisLength, referenceLength, references);
        BrevityPenalty = hypothesisLength >= referenceLength ? 1
            : hypothesisLength == 0 ? 0
            : Math.Exp(1 - ((double)referenceLength / hypothesisLength));
        var precisions = new double[Orders];
        if (matches.Any(static count => count > 0))
        {
            var smoothing = 1.0;
            for (var order = 0; order < Orders && totals[order] > 0; order++)
                precisions[order] = 100.0 / totals[order] * (matches[order] > 0 ? matches[order] : 1 / (smoothing *= 2));
            Score = precisions.All(static precision => precision > 0) ? BrevityPenalty * Math.Exp(precisions.Average(Math.Log)) : 0;
        }

        Precisions = precisions;
    }

    /// <summary>From 0 to 100.</summary>
    public double Score { get; }

    /// <summary>Per cent of the hypotheses' runs of 1 to 4 words that the references have, smoothed; all 0 where there is no match at all.</summary>
    public IReadOnlyList<double> Precisions { get; }

    /// <summary>Runs of 1 to 4 words that the references have.</summary>
    public IReadOnlyList<long> Matches { get; }

    /// <summary>Runs of 1 to 4 words.</summary>
    public IReadOnlyList<long> Totals { get; }

    /// <summary>What is left of the score for hypotheses that are shorter than the references: e^(1 - reference / hypothesis length).</summary>
    public double BrevityPenalty { get; }

    /// <summary>Words of the hypotheses.</summary>
    public long HypothesisLength { get; }

    /// <summary>Words of the references; of several for one hypothesis the one whose length is closest, the shorter of two.</summary>
    public long ReferenceLength { get; }

    /// <summary>References of each hypothesis.</summary>
    public int References { get; }

    /// <summary>How it was counted, in sacreBLEU's terms.</summary>
    public string Signature => string.Create(CultureInfo.InvariantCulture, $"nrefs:{References}|case:mixed|eff:no|tok:13a|smooth:exp");

    /// <summary>Signature, score, precisions and lengths in one line, as sacreBLEU writes them.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"BLEU|{Signature} = {Score:F2} {string.Join('/', Precisions.Select(static p => p.ToString("F1", CultureInfo.InvariantCulture)))} "
        + $"(BP = {BrevityPenalty:F3} ratio = {(ReferenceLength == 0 ? 0 : (double)HypothesisLength / ReferenceLength):F3} "
        + $"hyp_len = {HypothesisLength} ref_len = {ReferenceLength})");

    /// <summary>The score; lists of references are as long as the hypotheses.</summary>
    internal static BleuScore Of(IReadOnlyList<string> hypotheses, IReadOnlyList<string>[] references)
    {
        var numbers = new Dictionary<string, int>();
        var (matches, totals) = (new long[Orders], new long[Orders]);
        var (found, wanted, another) = (new NgramCounts(WordBits), new NgramCounts(WordBits), new NgramCounts(WordBits));
        var (hypothesisLength, referenceLength) = (0L, 0L);
        for (var sentence = 0; sentence < hypotheses.Count; sentence++)
        {
            var hypothesis = Numbers(hypotheses[sentence]);
            var texts = Array.ConvertAll(references, list => Numbers(list[sentence]));
            hypothesisLength += hypothesis.Length;
            referenceLength += texts.Select(static text => text.Length).MinBy(length => (Math.Abs(length - hypothesis.Length), length));
            for (var order = 1; order <= Orders; order++)
            {
                wanted.Count(texts[0], order);
                foreach (var text in texts.AsSpan(1))
                    wanted.Raise(another.Count(text, order));
                matches[order - 1] += found.Count(hypothesis, order).Matches(wanted);
                totals[order - 1] += NgramCounts.Total(hypothesis.Length, order);
            }
        }

        return new(matches, totals, hypothesisLength, referenceLength, references.Length);

        int[] Numbers(string text) => Array.ConvertAll(BleuWords.Split(text), word =>
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, word, out var isKnown);
            return isKnown ? number : number = numbers.Count - 1;
        });
    }
}
