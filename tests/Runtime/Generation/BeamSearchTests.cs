using GptGen.Generation;
using Xunit;

namespace GptGen.Runtime.Tests.Generation;

/// <summary>The search by itself, over a graph that remembers its slots.</summary>
public sealed class BeamSearchTests
{
    private const int End = 0;
    private const int Vocabulary = 7;
    private const int Capacity = 14;
    private static readonly int[][] s_sources = [[3], [1, 2, 3, 4, 5], [6, 6], [2, 5, 2]];

    public static TheoryData<int, int, double, double> Searches
    {
        get
        {
            var data = new TheoryData<int, int, double, double>();
            foreach (var beams in (int[])[1, 2, 3, 5])
            {
                foreach (var tokens in (int[])[1, 2, 9, 40])
                {
                    foreach (var (exponent, offset) in ((double, double)[])[(0, 0), (1, 0), (0.6, 0), (0.6, 5), (-0.5, 0), (2, 5)])
                        data.Add(beams, tokens, exponent, offset);
                }
            }

            return data;
        }
    }

    /// <summary>All at once and each alone are what the plainest search by the same rule gives, which has no slots.</summary>
    [Theory]
    [MemberData(nameof(Searches))]
    public void TheSearchIsThePlainOne(int beams, int tokens, double exponent, double offset)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var options = new BeamOptions
            {
                Beams = beams, Best = (beams + 1) / 2, Tokens = tokens, LengthPenalty = new(exponent, offset), Forbidden = seed % 2 == 0 ? [] : [4],
            };
            var expected = s_sources.Select(source => Plain(new(1, Capacity, Vocabulary, seed), source, options)).ToArray();
            AssertEqual(expected, Search(seed, s_sources, options));
            for (var source = 0; source < s_sources.Length; source++)
                AssertEqual([expected[source]], Search(seed, [s_sources[source]], options));
        }
    }

    [Fact]
    public void ForbiddenTokensLeaveTheirProbabilityToTheOthers()
    {
        var graph = new RememberedSlots(2, Capacity, Vocabulary, 1);
        var positions = graph.Begin([[1]], 2);
        var options = new BeamOptions { Beams = 2, Tokens = 1, Forbidden = [2, 5], LengthPenalty = default };
        var found = new BeamSearch(graph, options, End, limit: 6).Run(positions)[0][0];
        var logits = graph.LogitsAfter([1]);
        int[] allowed = [0, 1, 3, 4];
        var best = allowed.MaxBy(token => logits[token]);
        Assert.Equal([best], found.Tokens);
        Assert.Equal(logits[best] - Math.Log(allowed.Sum(token => Math.Exp(logits[token]))), found.LogProbability, 1e-12);
    }

    /// <summary>One that is unsure leaves, too; but an exponent above 1 favours longer texts so much that it may go on.</summary>
    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 0.6)]
    [InlineData(1, 1)]
    public void ASourceLeavesTheBatchWhenAsManyTextsAsBeamsAreFinished(float spread, double exponent)
    {
        var graph = new RememberedSlots(12, 200, Vocabulary, 3, spread);
        var positions = graph.Begin(s_sources, 3);
        var options = new BeamOptions { Beams = 3, Tokens = 190, LengthPenalty = LengthPenalty.Power(exponent) };
        var found = new BeamSearch(graph, options, End, Vocabulary).Run(positions);
        Assert.All(found, static texts => Assert.True(texts[0].IsEnded));
        Assert.InRange(graph.Decoded, 1, 4 * 3 * 40);
    }

    /// <summary>The most probable token again and again, until it is the end or there is no more room; nothing is decoded in vain.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.6, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(0.6, 5)]
    public void OneBeamIsGreedyHoweverUnsureTheModelIs(double exponent, double offset)
    {
        const int Most = 12;
        var (ended, cut) = (0, 0);
        foreach (var spread in (float[])[0.1f, 1, 4])
        {
            for (var seed = 0; seed < 30; seed++)
            {
                var graph = new RememberedSlots(1, Capacity, Vocabulary, seed, spread);
                var positions = graph.Begin([[3]], 1);
                var options = new BeamOptions { Beams = 1, Tokens = Most, LengthPenalty = new(exponent, offset) };
                var found = Assert.Single(new BeamSearch(graph, options, End, Vocabulary).Run(positions)[0]);
                List<int> greedy = [];
                var sum = 0.0;
                while (greedy.Count < Most && (greedy.Count == 0 || greedy[^1] != End))
                {
                    var logits = graph.LogitsAfter([3, .. greedy]);
                    greedy.Add(logits.IndexOf(logits.Max()));
                    sum += Math.Log(Math.Exp(logits[greedy[^1]]) / logits.Sum(static logit => Math.Exp(logit)));
                }

                Assert.Equal(greedy, found.Tokens);
                Assert.Equal(sum, found.LogProbability, 1e-9);
                Assert.Equal(greedy[^1] == End, found.IsEnded);
                Assert.Equal(greedy.Count - 1, graph.Decoded);
                (ended, cut) = found.IsEnded ? (ended + 1, cut) : (ended, cut + 1);
            }
        }

        Assert.True(ended >= 10 && cut >= 5, $"{ended} texts ended, {cut} were cut off.");
    }

    [Fact]
    public void PenaltiesAreThoseOfHuggingFaceAndGoogle()
    {
        Assert.Equal(-3.0 / Math.Pow(8, 0.6), LengthPenalty.Power(0.6).Score(-3, 8), 1e-15);
        Assert.Equal(-3.0 / Math.Pow((5.0 + 8) / 6, 0.6), LengthPenalty.Google(0.6).Score(-3, 8), 1e-15);
        Assert.Equal(-3, default(LengthPenalty).Score(-3, 8));
    }

    [Fact]
    public void WhatCannotBeSearchedForIsRefused()
    {
        var graph = new RememberedSlots(4, Capacity, Vocabulary, 1);
        Assert.Contains(
            "BeamOptions.Best is 5, but must be between 1 and the number of BeamOptions.Beams, 4",
            Refused(new() { Beams = 4, Best = 5 }));
        Assert.Contains("BeamOptions.Beams is 0", Refused(new() { Beams = 0 }));
        Assert.Contains("BeamOptions.Tokens is 0", Refused(new() { Tokens = 0 }));
        Assert.Contains("BeamOptions.LengthPenalty", Refused(new() { LengthPenalty = LengthPenalty.Power(double.NaN) }));
        Assert.Contains("Token 7 cannot be forbidden", Refused(new() { Forbidden = [1, 7] }));
        var search = new BeamSearch(graph, new() { Beams = 4 }, End, Vocabulary);
        Assert.Contains("2 sources with 4 beams each do not fit", Assert.Throws<GptGenException>(() => search.Run([1, 1])).Message);

        string Refused(BeamOptions options) =>
            Assert.Throws<GptGenException>(() => new BeamSearch(graph, options, End, Vocabulary)).Message;
    }

    [Theory]
    [InlineData(float.NaN, "logit of token 2 is not a number")]
    [InlineData(float.PositiveInfinity, "largest logit is +infinity")]
    public void LogitsThatAreNoNumbersAreRefused(float logit, string message)
    {
        float[] logits = [1, 2, logit, 3, 0, 1, 2, 3, 4, 5, 6];
        Assert.Contains(message, Assert.Throws<GptGenException>(() => LogNormalizer.Of(logits)).Message);
        Assert.Contains("-infinity", Assert.Throws<GptGenException>(static () => LogNormalizer.Of([float.NegativeInfinity])).Message);
    }

    private static BeamHypothesis[][] Search(int seed, int[][] sources, BeamOptions options)
    {
        var graph = new RememberedSlots(sources.Length * options.Beams, Capacity, Vocabulary, seed);
        var positions = graph.Begin(sources, options.Beams);
        return new BeamSearch(graph, options, End, Vocabulary).Run(positions);
    }

    /// <summary>
    /// Every beginning from its first token on and all continuations sorted. Ends are taken only among the first; as many texts as there are beams
    /// are kept, and when the worst of them is no worse than the best beginning at its present length, all is over.
    /// </summary>
    private static BeamHypothesis[] Plain(RememberedSlots graph, int[] source, BeamOptions options)
    {
        var finished = new List<BeamHypothesis>();
        List<(int[] Tokens, double LogProbability)> alive = [([], 0)];
        var most = Math.Min(options.Tokens, Capacity - source.Length + 1);
        for (var length = 1; length <= most; length++)
        {
            var continued = new List<(int[] Tokens, double LogProbability)>();
            foreach (var (tokens, sum) in alive)
            {
                var logits = graph.LogitsAfter([.. source, .. tokens]);
                var allowed = Enumerable.Range(0, Vocabulary).Except(options.Forbidden).ToArray();
                var normalizer = Math.Log(allowed.Sum(token => Math.Exp(logits[token])));
                continued.AddRange(allowed.Select(token => ((int[])[.. tokens, token], sum + logits[token] - normalizer)));
            }

            (int[] Tokens, double LogProbability)[] sorted = [.. continued.OrderByDescending(static one => one.LogProbability)];
            alive = [.. sorted.Where(static one => one.Tokens[^1] != End).Take(options.Beams)];
            var texts = sorted.Take(options.Beams).Where(static one => one.Tokens[^1] == End);
            finished =
            [
                .. finished
                    .Concat((length < most ? texts : texts.Concat(alive)).Select(one => new BeamHypothesis(
                        one.Tokens, one.LogProbability, options.LengthPenalty.Score(one.LogProbability, length), one.Tokens[^1] == End)))
                    .OrderByDescending(static text => text.Score).Take(options.Beams),
            ];
            var worst = finished.Select(static text => text.Score).DefaultIfEmpty().Min();
            if (finished.Count == options.Beams && alive.All(one => options.LengthPenalty.Score(one.LogProbability, length) <= worst))
                break;
        }

        return [.. finished.Take(options.Best)];
    }

    private static void AssertEqual(BeamHypothesis[][] expected, BeamHypothesis[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (wanted, found) in expected.Zip(actual))
        {
            Assert.Equal(wanted.Select(static text => string.Join(' ', text.Tokens)), found.Select(static text => string.Join(' ', text.Tokens)));
            Assert.Equal(wanted.Select(static text => text.IsEnded), found.Select(static text => text.IsEnded));
            foreach (var (one, other) in wanted.Zip(found))
            {
                Assert.Equal(one.LogProbability, other.LogProbability, 1e-9);
                Assert.Equal(one.Score, other.Score, 1e-9);
            }
        }
    }
}
