using GptGen.Evaluation;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Evaluation;

public sealed class ContinuationTests
{
    private const double Tolerance = 1e-4;

    /// <summary>Texts of all lengths, in an order that batches do not keep.</summary>
    [Fact]
    public void LikelihoodsAreThoseOfEachTokenAlone()
    {
        using var device = new CpuDevice(2);
        using var model = Variants.Create(nameof(OddUntied), device);
        using var reference = new Likelihood(nameof(OddUntied));
        var context = model.Description.Context;
        Continuation[] texts =
        [
            .. Enumerable.Range(0, 11).Select(seed => new Random(seed)).Select(random =>
            {
                var length = random.Next(2, context + 2);
                return new Continuation(Variants.Tokens(model, random.Next(), length), random.Next(1, length));
            }),
        ];
        var scores = new double[texts.Length];
        using var scorer = new ContinuationScorer(model, batch: 3, context);
        scorer.Score(texts, scores, TestContext.Current.CancellationToken);
        for (var text = 0; text < texts.Length; text++)
            Assert.Equal(reference.Of(texts[text]).Sum(), scores[text], Tolerance);
        Assert.Contains("does not fit", Assert.Throws<GptGenException>(() => scorer.Score([new(new int[context + 2], 1)], new double[1])).Message);
    }

    [Fact]
    public void AUniformModelGivesEveryTokenTheSame()
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Tiny.Create(device);
        using var scorer = new ContinuationScorer(model, 2, 8);
        var scores = new double[1];
        scorer.Score([new([1, 2, 3, 4, 5], 3)], scores, TestContext.Current.CancellationToken);
        Assert.Equal(-3 * Math.Log(257), scores[0], 1e-5);
    }

    [Fact]
    public void WeightsThatAreNoNumbersAreNamed()
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Tiny.Create(device).WithLogits((7, float.NaN));
        using var scorer = new ContinuationScorer(model, 1, 8);
        Assert.Contains("the weights are damaged", Assert.Throws<GptGenException>(() => scorer.Score([new([1, 2], 1)], new double[1])).Message);
    }

    [Theory]
    [InlineData("abc", " de", 10, "abc de", 3)]
    [InlineData("abcdef", " gh", 5, "def gh", 3)] // Five positions read "def g" and so predict three of six tokens.
    [InlineData("", "ab", 10, "\nab", 2)]
    [InlineData("abc", "def", 3, "cdef", 3)]
    public void AContextThatIsTooLongLosesItsBeginning(string context, string continuation, int positions, string tokens, int predicted)
    {
        var text = Continuation.Of(ByteTokenizer.Instance, context, continuation, positions);
        Assert.Equal(tokens, ByteTokenizer.Instance.Decode(text.Tokens));
        Assert.Equal(predicted, text.Predicted);
        Assert.InRange(text.Length, 1, positions);
    }

    [Fact]
    public void WithoutContextTheSeparatorOfDocumentsStands() =>
        Assert.Equal([50256, .. BytePairTokenizer.Gpt2.Encode("Hello")], Continuation.Of(BytePairTokenizer.Gpt2, "", "Hello", 8).Tokens);

    [Fact]
    public void WhatCannotBePredictedIsRefused()
    {
        Assert.Contains("nothing to predict", Assert.Throws<GptGenException>(() => Continuation.Of(ByteTokenizer.Instance, "a", "", 8)).Message);
        Assert.Contains("9 tokens", Assert.Throws<GptGenException>(() => Continuation.Of(ByteTokenizer.Instance, "a", "123456789", 8)).Message);
    }
}
