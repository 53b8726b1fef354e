using GptGen.Reference;
using GptGen.Sampling;
using Xunit;

namespace GptGen.Runtime.Tests.Sampling;

/// <summary>The CPU's draws against the definition.</summary>
public class SamplingTests
{
    [Theory]
    [InlineData(347)]
    [InlineData(301)]
    [InlineData(2)]
    [InlineData(1)]
    public void TokensAreThoseOfTheReference(int limit)
    {
        using var device = new CpuDevice(2);
        Assert.Equal(SamplingCase.Run<OddVocabulary>(new ReferenceDevice(), limit, 8), SamplingCase.Run<OddVocabulary>(device, limit, 8));
    }

    [Fact]
    public void ThreadsChangeNothing()
    {
        using var one = new CpuDevice(1);
        using var three = new CpuDevice(3);
        Assert.Equal(SamplingCase.Run<LargeVocabulary>(one, 50257, 1), SamplingCase.Run<LargeVocabulary>(three, 50257, 1));
    }

    [Fact]
    public void BrokenLogitsAreNamed()
    {
        using var device = new CpuDevice(2);
        Assert.Equal(SamplingCase.BrokenTokens, SamplingCase.Broken<OddVocabulary>(new ReferenceDevice()));
        Assert.Equal(SamplingCase.BrokenTokens, SamplingCase.Broken<OddVocabulary>(device));
    }

    [Fact]
    public void WeightsAreExponentials()
    {
        Assert.Equal(1UL << 40, TokenWeight.Of(-3, -3, 0.7f));
        Assert.Equal(0UL, TokenWeight.Of(float.NegativeInfinity, 0, 1));
        for (var x = -26f; x < 0; x += 0.0137f)
        {
            var expected = Math.Exp(x / 1.3f) * Math.Pow(2, 40);
            Assert.Equal(expected, TokenWeight.Of(x, 0, 1.3f), (expected * 2e-7) + 1);
        }
    }
}
