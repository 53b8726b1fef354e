using System.Globalization;

namespace GptGen.Evaluation;

/// <summary>
/// chrF2 (Popović 2015) as sacreBLEU 2 counts it by default: runs of 1 to 6 characters without white space, upper and lower case differ, recall
/// counts twice as much as precision; orders that are longer than all texts count for nothing.
/// </summary>
public sealed record ChrfScore
{
    private const int Orders = 6;
    private const int CharacterBits = 21;
    private const double Beta = 2;

    /// <summary>Runs of one length.</summary>
    private readonly record struct Statistics(long Hypothesis, long Reference, long Matches)
    {
        public static Statistics operator +(Statistics a, Statistics b) =>
            new(a.Hypothesis + b.Hypothesis, a.Reference + b.Reference, a.Matches + b.Matches);
    }

    private ChrfScore(Statistics[] orders, int references)
    {
        References = references;
        (Score, Precision, Recall) = Combine(orders);
    }

    /// <summary>From 0 to 100.</summary>
    public double Score { get; }

    /// <summary>The mean over the orders of how many of the hypotheses' runs the references have, from 0 to 1.</summary>
    public double Precision { get; }

    /// <summary>The mean over the orders of how many of the references' runs the hypotheses have, from 0 to 1.</summary>
    public double Recall { get; }

    /// <summary>References of each hypothesis; of several the one with the best score counts.</summary>
    public int References { get; }

    /// <summary>How it was counted, in sacreBLEU's terms.</summary>
    public string Signature => string.Create(CultureInfo.InvariantCulture, $"nrefs:{References}|case:mixed|eff:yes|nc:{Orders}|nw:0|space:no");

    /// <summary>Signature and score in one line, as sacreBLEU writes them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"chrF{Beta:F0}|{Signature} = {Score:F2}");

    /// <summary>The score; lists of references are as long as the hypotheses.</summary>
    internal static ChrfScore Of(IReadOnlyList<string> hypotheses, IReadOnlyList<string>[] references)
    {
        var sums = new Statistics[Orders];
        var (found, wanted) = (new NgramCounts(CharacterBits), new NgramCounts(CharacterBits));
        for (var sentence = 0; sentence < hypotheses.Count; sentence++)
        {
            var hypothesis = Characters(hypotheses[sentence]);
            var best = references.Select(list => Compare(hypothesis, Characters(list[sentence]))).MaxBy(static orders => Combine(orders).Score)!;
            for (var order = 0; order < Orders; order++)
                sums[order] += best[order];
        }

        return new(sums, references.Length);

        Statistics[] Compare(int[] hypothesis, int[] reference)
        {
            var orders = new Statistics[Orders];
            for (var order = 1; order <= Orders; order++)
            {
                // Where a reference is too short for an order, the hypothesis has nothing to find there.
                if (NgramCounts.Total(reference.Length, order) is > 0 and var total)
                {
                    orders[order - 1] = new(
                        NgramCounts.Total(hypothesis.Length, order), total,
                        found.Count(hypothesis, order).Matches(wanted.Count(reference, order)));
                }
            }

            return orders;
        }
    }

    private static (double Score, double Precision, double Recall) Combine(Statistics[] orders)
    {
        var counted = Array.FindAll(orders, static order => order.Hypothesis > 0 && order.Reference > 0);
        if (counted.Length == 0)
            return default;
        var precision = counted.Average(static order => (double)order.Matches / order.Hypothesis);
        var recall = counted.Average(static order => (double)order.Matches / order.Reference);
        const double Factor = Beta * Beta;
        var score = precision + recall > 0 ? 100 * (1 + Factor) * precision * recall / ((Factor * precision) + recall) : 0;
        return (score, precision, recall);
    }

    private static int[] Characters(string text) =>
        [.. string.Concat(text.Split(BleuWords.WhiteSpace)).EnumerateRunes().Select(static rune => rune.Value)];
}
