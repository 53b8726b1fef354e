using GptGen.Sampling;
using Xunit;

namespace GptGen.Runtime.Tests.Sampling;

public sealed class SamplerTests : IDisposable
{
    /// <summary>The logits of probabilities 0.4, 0.1, 0.3, 0.2.</summary>
    private static readonly float[] s_logits = [MathF.Log(0.4f), MathF.Log(0.1f), MathF.Log(0.3f), MathF.Log(0.2f)];

    private readonly CpuDevice device = new(2);

    public void Dispose() => device.Dispose();

    [Fact]
    public void GreedyTakesTheFirstOfTheBest()
    {
        Assert.Equal(2, Sample(SamplingOptions.Greedy, [1, 3, 7, 7, 0]));
        Assert.Equal(1, Sample(SamplingOptions.Greedy, [float.NegativeInfinity, -5, float.NegativeInfinity]));
    }

    [Fact]
    public void DrawsFollowTheDistribution()
    {
        AssertDistribution(new(), [0.4, 0.1, 0.3, 0.2]);
        // Temperature 1/2 squares the probabilities.
        AssertDistribution(new() { Temperature = 0.5f }, [0.16 / 0.3, 0.01 / 0.3, 0.09 / 0.3, 0.04 / 0.3]);
        AssertDistribution(new() { Temperature = 1e-30f }, [1, 0, 0, 0]);
    }

    [Fact]
    public void FiltersKeepTheRightTokens()
    {
        AssertDistribution(new() { TopK = 1 }, [1, 0, 0, 0]);
        AssertDistribution(new() { TopK = 2 }, [4 / 7.0, 0, 3 / 7.0, 0]);
        AssertDistribution(new() { TopK = 100 }, [0.4, 0.1, 0.3, 0.2]);
        AssertDistribution(new() { TopP = 0.01f }, [1, 0, 0, 0]);
        AssertDistribution(new() { TopP = 0.41f }, [4 / 7.0, 0, 3 / 7.0, 0]);
        AssertDistribution(new() { TopP = 0.75f }, [4 / 9.0, 0, 3 / 9.0, 2 / 9.0]);
        AssertDistribution(new() { MinP = 0.26f }, [4 / 9.0, 0, 3 / 9.0, 2 / 9.0]);
        AssertDistribution(new() { MinP = 1 }, [1, 0, 0, 0]);
    }

    [Fact]
    public void FiltersApplyInOrder()
    {
        // Of the three that top-k leaves (0.9 together), the first two hold 7/9 = 0.78; of all four they hold 0.7 only.
        AssertDistribution(new() { TopK = 3, TopP = 0.75f }, [4 / 7.0, 0, 3 / 7.0, 0]);
        // The temperature comes first: squared, the best alone holds 0.53.
        AssertDistribution(new() { Temperature = 0.5f, TopP = 0.5f }, [1, 0, 0, 0]);
        // Squared, 0.2 / 0.4 becomes 0.25.
        AssertDistribution(new() { Temperature = 0.5f, MinP = 0.3f }, [0.64, 0, 0.36, 0]);
        AssertDistribution(new() { TopK = 3, TopP = 0.99f, MinP = 0.6f }, [4 / 7.0, 0, 3 / 7.0, 0]);
    }

    [Fact]
    public void EqualLogitsRankByTokenNumber()
    {
        var counts = Count(new() { TopK = 3 }, new float[100], 3000);
        Assert.All(counts[..3], count => Assert.InRange(count, 850, 1150));
        Assert.All(counts[3..], count => Assert.Equal(0, count));
    }

    [Fact]
    public void ExcludedTokensAreNeverDrawn()
    {
        float[] logits = [float.NegativeInfinity, 0, float.NegativeInfinity, 0, float.NegativeInfinity];
        foreach (var options in (SamplingOptions[])[new(), new() { TopK = 4 }, new() { TopP = 0.999f }, new() { MinP = 1e-9f }])
            Assert.Equal([0, 0, 0], Count(options, logits, 500) is var counts ? [counts[0], counts[2], counts[4]] : []);
    }

    [Fact]
    public void TheRepetitionPenaltyDividesPositiveAndMultipliesNegativeLogitsOnce()
    {
        // Each token alone against logit 0, which its own probability then tells.
        foreach (var (logit, expected) in ((float, double)[])[(2, 1), (-2, -4), (4, 2), (0, 0)])
        {
            var drawn = DrawOnce(new() { RepetitionPenalty = 2, Seed = 5 }, [logit, 0], [0, 0], 1000);
            Assert.Equal(1 / (1 + Math.Exp(-expected)), drawn.Count(static token => token == 0) / 1000.0, 0.05);
        }

        var greedy = new SamplingOptions { Temperature = 0, RepetitionPenalty = 3 };
        Assert.Equal(
            [0, 1, 0], [DrawOnce(greedy, [2, 1, 0], [], 1)[0], DrawOnce(greedy, [2, 1, 0], [0], 1)[0], DrawOnce(greedy, [2, 1, 0], [2], 1)[0]]);
        // A drawn token counts from then on: 9, 3 and 1 of the first against 2 of the second.
        using var memory = new SamplingMemory<LargeVocabulary>(device, [9, 2], 2, slots: 1);
        var sampler = new Sampler(greedy);
        Assert.Equal([0, 0], [memory.Draw([sampler.Next(0, 0)])[0], memory.Draw([sampler.Next(0, 0)])[0]]);
        Assert.Equal([0], DrawOnce(greedy, [9, 2], [0, 0, 0], 1));
    }

    [Fact]
    public void EqualSeedsGiveEqualTokensAndDrawsCanBeContinued()
    {
        var options = new SamplingOptions { Seed = 42, TopP = 0.95f };
        var logits = RandomLogits(1000, 1);
        var tokens = Draw(new Sampler(options), logits, 50);
        Assert.Equal(tokens, Draw(new Sampler(options), logits, 50));
        Assert.Equal(tokens[20..], Draw(new Sampler(options) { Draws = 20 }, logits, 30));
        Assert.NotEqual(tokens, Draw(new Sampler(options, sequence: 1), logits, 50));
        Assert.NotEqual(tokens, Draw(new Sampler(options with { Seed = 43 }), logits, 50));
    }

    [Fact]
    public void RankingEqualsAFullSort()
    {
        var logits = RandomLogits(5000, 2);
        for (var i = 0; i < logits.Length; i++)
            logits[i] = MathF.Round(logits[i], 1);
        var ranking = new TokenRanking(logits.Length);
        ranking.Restart(logits, float.NegativeInfinity);
        Assert.Equal(Enumerable.Range(0, 5000).OrderByDescending(token => logits[token]), Enumerable.Range(0, 5000).Select(ranking.At));
        ranking.Restart(logits, float.NegativeInfinity);
        Assert.Equal(Enumerable.Range(0, 5000).MaxBy(token => logits[token]), ranking.At(0));

        foreach (var count in (int[])[1, 2, 50, 1000, 4000, 5000])
        {
            var floor = ranking.FloorOfBest(logits, count);
            Assert.InRange(logits.Count(logit => logit >= floor), count, 5000);
        }
    }

    /// <summary>The shortcuts of the filters against their definition, by full sort in double, at the size of a real vocabulary.</summary>
    [Theory]
    [InlineData(0, 0.5f, 0f, 1f)]
    [InlineData(0, 0.95f, 0f, 0.7f)]
    [InlineData(0, 0.9999f, 0f, 3f)]
    [InlineData(0, 1f, 0.05f, 0.8f)]
    [InlineData(0, 0.9f, 0.02f, 2f)]
    [InlineData(40, 1f, 0f, 1f)]
    [InlineData(200, 0.8f, 0.01f, 5f)]
    public void FiltersKeepWhatTheirDefinitionSays(int topK, float topP, float minP, float temperature)
    {
        var options = new SamplingOptions { TopK = topK, TopP = topP, MinP = minP, Temperature = temperature };
        var logits = RandomLogits(50257, 11);
        var maximum = logits.Max();
        var ranked = Enumerable.Range(0, logits.Length)
            .Select(token => (Token: token, Weight: Math.Exp((logits[token] - maximum) / (double)temperature)))
            .OrderByDescending(entry => entry.Weight).ThenBy(entry => entry.Token)
            .Take(topK > 0 ? topK : logits.Length).ToList();
        var (total, before, kept) = (ranked.Sum(entry => entry.Weight), 0.0, new HashSet<int>());
        foreach (var (token, weight) in ranked.TakeWhile(entry => entry.Weight >= minP))
        {
            if (before >= topP * total)
                break;
            kept.Add(token);
            before += weight;
        }

        var drawn = Draw(new Sampler(options), logits, 100);
        Assert.Subset(kept, drawn.ToHashSet());
        Assert.True(drawn.Distinct().Count() > Math.Min(kept.Count, 100) / 3);
    }

    [Theory]
    [InlineData(float.NaN, "not a number")]
    [InlineData(float.PositiveInfinity, "+infinity")]
    public void BrokenLogitsAreRefused(float broken, string cause)
    {
        foreach (var options in (SamplingOptions[])[SamplingOptions.Greedy, new(), new() { TopK = 2, RepetitionPenalty = 1.1f }])
        {
            Assert.Contains(cause, Assert.Throws<GptGenException>(() => Sample(options, [0, broken, 1])).Message, StringComparison.Ordinal);
            Assert.Contains(
                "-infinity", Assert.Throws<GptGenException>(() => Sample(options, [float.NegativeInfinity, float.NegativeInfinity])).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void SamplingAllocatesNothing()
    {
        var logits = RandomLogits(50257, 3);
        int[] history = [1, 2];
        var sampler = new Sampler(new() { TopK = 50, TopP = 0.9f, MinP = 0.01f, RepetitionPenalty = 1.1f });
        using var memory = new SamplingMemory<LargeVocabulary>(device, logits, logits.Length, slots: 1);
        memory.SetSeen(0, history);
        int[] tokens = [0];
        TokenDraw[] draws = [sampler.Next(0, 0)];
        memory.Draw(draws, tokens);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            draws[0] = sampler.Next(0, 0);
            memory.Draw(draws, tokens);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public static TheoryData<SamplingOptions, string> WrongOptions => new()
    {
        { new() { Temperature = -1 }, "temperature" },
        { new() { Temperature = float.NaN }, "temperature" },
        { new() { TopK = -1 }, "top-k" },
        { new() { TopP = 0 }, "top-p" },
        { new() { TopP = 1.1f }, "top-p" },
        { new() { MinP = -0.1f }, "min-p" },
        { new() { MinP = float.NaN }, "min-p" },
        { new() { RepetitionPenalty = 0 }, "repetition penalty" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void WrongOptionsAreRefused(SamplingOptions options, string name) =>
        Assert.Contains(name, Assert.Throws<GptGenException>(() => new Sampler(options)).Message, StringComparison.Ordinal);

    private int Sample(SamplingOptions options, float[] logits) => DrawOnce(options, logits, [], 1)[0];

    private int[] Draw(Sampler sampler, float[] logits, int count)
    {
        using var memory = new SamplingMemory<LargeVocabulary>(device, logits, logits.Length, slots: 1);
        return memory.Draw([.. Enumerable.Range(0, count).Select(_ => sampler.Next(0, 0))]);
    }

    /// <summary>Some draws that all have the same history.</summary>
    private int[] DrawOnce(SamplingOptions options, float[] logits, int[] history, int count)
    {
        using var memory = new SamplingMemory<LargeVocabulary>(device, logits, logits.Length, count);
        for (var slot = 0; slot < count; slot++)
            memory.SetSeen(slot, history);
        var sampler = new Sampler(options);
        return memory.Draw([.. Enumerable.Range(0, count).Select(slot => sampler.Next(0, slot))]);
    }

    private int[] Count(SamplingOptions options, float[] logits, int draws)
    {
        var counts = new int[logits.Length];
        foreach (var token in Draw(new Sampler(options with { Seed = 7 }), logits, draws))
            counts[token]++;
        return counts;
    }

    /// <summary>Pearson's chi-squared; 21.1 is its 99.99 % quantile for three degrees of freedom.</summary>
    private void AssertDistribution(SamplingOptions options, double[] probabilities)
    {
        const int Draws = 20_000;
        var counts = Count(options, s_logits, Draws);
        var statistic = 0.0;
        for (var token = 0; token < counts.Length; token++)
        {
            var expected = probabilities[token] * Draws;
            if (expected == 0)
                Assert.Equal(0, counts[token]);
            else
                statistic += (counts[token] - expected) * (counts[token] - expected) / expected;
        }

        Assert.True(statistic < 21.1, $"{options}: chi-squared {statistic:F1}");
    }

    private static float[] RandomLogits(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 20 - 10))];
    }
}
