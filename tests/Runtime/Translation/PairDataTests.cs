using GptGen.Text;
using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Translation;

public class PairDataTests
{
    [Fact]
    public void PairsBecomeTokensWithoutAnyAroundThem()
    {
        var data = PairData.Encode([new("hello world", "hello"), new("<|endoftext|>", "x")], PairSamples.Tokenizer);
        Assert.Equal(PairSamples.Tokenizer.Encode("hello world"), data.Pairs[0].Source);
        Assert.Equal(PairSamples.Tokenizer.Encode("hello"), data.Pairs[0].Target);
        // Its name in a text is letters.
        Assert.DoesNotContain(data.EndOfText, data.Pairs[1].Source);
        Assert.Equal(data.Pairs.Sum(static pair => pair.Source.Length + pair.Target.Length), data.TokenCount);
    }

    [Fact]
    public void WhatIsHeldOutDoesNotChangeWhenPairsAreAdded()
    {
        var texts = Enumerable.Range(0, 400).Select(static index => new TextPair($"source {index}", $"target {index}")).ToList();
        var held = PairData.Encode(texts.GetRange(0, 300), PairSamples.Tokenizer).Split().Validation.Texts;
        var (training, validation) = PairData.Encode(texts, PairSamples.Tokenizer).Split();
        Assert.Equal(held, validation.Texts.Take(held.Count));
        Assert.Equal(400, training.Pairs.Count + validation.Pairs.Count);
        Assert.InRange(validation.Pairs.Count, 8, 40);
        Assert.Empty(training.Texts.Intersect(validation.Texts));
    }

    [Fact]
    public void ASourceWithSeveralTargetsIsHeldOutWhollyOrNotAtAll()
    {
        var texts = Enumerable.Range(0, 400).Select(static index => new TextPair($"source {index / 4}", $"target {index}")).ToList();
        var (training, validation) = PairData.Encode(texts, PairSamples.Tokenizer).Split();
        Assert.Empty(training.Texts.Select(static pair => pair.Source).Intersect(validation.Texts.Select(static pair => pair.Source)));
    }

    [Fact]
    public void TooFewPairsToSetSomeAsideAreRefused() =>
        Assert.Contains(
            "1 pairs are too few",
            Assert.Throws<GptGenException>(static () => PairData.Encode([new("a", "b")], PairSamples.Tokenizer).Split()).Message);

    [Fact]
    public void AVocabularyWithoutAnEndIsRefused() =>
        Assert.Contains(
            "no token that ends texts",
            Assert.Throws<GptGenException>(static () => PairData.Encode([new("a", "b")], Tokenizer.Open("bytes"))).Message);
}
