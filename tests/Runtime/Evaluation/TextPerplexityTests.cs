using GptGen.Evaluation;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Evaluation;

public sealed class TextPerplexityTests : IDisposable
{
    private const int Count = 31;
    private readonly CpuDevice device = new(2);
    private readonly LanguageModel model;
    private readonly int[] tokens;

    public TextPerplexityTests()
    {
        model = Variants.Create(nameof(WithoutBiases), device);
        tokens = Variants.Tokens(model, 5, Count);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    /// <summary>
    /// The context is 10. With a stride of 4 tokens 1 to 10 see all before them; 11 to 14 see from token 4 on, 15 to 18 from token 8 on, …
    /// </summary>
    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    [InlineData(9)]
    public void EachTokenIsPredictedOnceFromTheRightOnes(int stride)
    {
        using var reference = new Likelihood(nameof(WithoutBiases));
        var expected = 0.0;
        for (var token = 1; token < Count; token++)
        {
            var first = token <= 10 ? 0 : ((token - 11) / stride + 1) * stride;
            expected += reference.Of(new(tokens[first..(token + 1)], 1)).Single();
        }

        var sums = Evaluate(stride);
        Assert.Equal(Count - 1, sums[^1].Count);
        Assert.Equal(expected, sums[^1].LogLikelihood, 1e-3);
        Assert.Equal(-expected / (Count - 1), sums[^1].Loss, 1e-4);
        Assert.True(sums.Count > 1, "Nothing was told on the way.");
    }

    /// <summary>The loss that training shows.</summary>
    [Fact]
    public void AStrideOfTheContextGivesTheValidationLoss()
    {
        using var graph = model.CreateTraining(2, 10);
        var loss = new Evaluator(graph, TokenSource.FromMemory(tokens), 2, 10).MeanLoss(TestContext.Current.CancellationToken);
        Assert.Equal(loss, Evaluate(10)[^1].Loss, 1e-6);
    }

    /// <summary>A uniform model over 257 tokens: the eleven predicted bytes, in three words.</summary>
    [Fact]
    public void PerplexitiesByHand()
    {
        using var uniform = Gpt2Tiny.Create(device);
        var text = TokenSource.FromMemory(ByteTokenizer.Instance.Encode("on two words"));
        var sum = TextPerplexity.Evaluate(uniform, text, 4, 64, TestContext.Current.CancellationToken).Last();
        var size = TextSize.Of(text.Slice(1, 11), ByteTokenizer.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(257, sum.PerplexityPer(sum.Count), 1e-2);
        Assert.Equal(Math.Pow(257, 11 / 3.0), sum.PerplexityPer(size.Words), Math.Pow(257, 11 / 3.0) * 1e-5);
        Assert.Equal(257, sum.PerplexityPer(size.Bytes), 1e-2);
    }

    /// <summary>What is put between files is no part of them: it is read, but neither predicted nor counted.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void WhatSeparatesDocumentsIsNotPredicted(int stride)
    {
        int[] text = [.. tokens];
        (text[0], text[4], text[17]) = (3, 3, 3);
        for (var i = 0; i < Count; i++)
            text[i] = i is 0 or 4 or 17 ? 3 : text[i] == 3 ? 2 : text[i];
        using var reference = new Likelihood(nameof(WithoutBiases));
        var expected = 0.0;
        for (var token = 1; token < Count; token++)
        {
            var first = token <= 10 ? 0 : ((token - 11) / stride + 1) * stride;
            expected += token is 4 or 17 ? 0 : reference.Of(new(text[first..(token + 1)], 1)).Single();
        }

        var sum = TextPerplexity.Evaluate(model, TokenSource.FromMemory(text), 2, stride, unscored: 3, TestContext.Current.CancellationToken).Last();
        Assert.Equal(Count - 3, sum.Count);
        Assert.Equal(expected, sum.LogLikelihood, 1e-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void AStrideOutsideTheContextIsRefused(int stride) =>
        Assert.Contains("The stride is", Assert.Throws<GptGenException>(() => Evaluate(stride)).Message);

    private List<PredictedTokens> Evaluate(int stride) =>
        [.. TextPerplexity.Evaluate(model, TokenSource.FromMemory(tokens), 2, stride, TestContext.Current.CancellationToken)];
}
