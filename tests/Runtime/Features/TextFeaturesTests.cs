using GptGen.Features;
using GptGen.Runtime.Tests.Models;
using GptGen.Runtime.Tests.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Features;

public sealed class TextFeaturesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Against the states of the training graph.</summary>
    [Fact]
    public void VectorsAreTheMeanOrTheLastState()
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(seed: 4);
        string[] texts = ["gear", "a", "the wheel turns"];
        var means = new TextFeatures(model, ByteTokenizer.Instance).Compute(texts, TestContext.Current.CancellationToken);
        var lasts = new TextFeatures(model, ByteTokenizer.Instance, FeaturePooling.LastToken).Compute(texts, TestContext.Current.CancellationToken);
        var width = model.Description.Width;
        for (var text = 0; text < texts.Length; text++)
        {
            var tokens = ByteTokenizer.Instance.Encode(texts[text]);
            using var graph = model.CreateTraining(1, tokens.Length);
            graph.SetBatch(1, tokens.Length, tokens, tokens);
            graph.Forward();
            var states = new float[tokens.Length * width];
            graph.ReadHidden(states);
            Assert.Equal((tokens.Length, tokens.Length), (means[text].Tokens, lasts[text].Tokens));
            for (var i = 0; i < width; i++)
            {
                Assert.Equal(Enumerable.Range(0, tokens.Length).Average(row => states[(row * width) + i]), means[text].Values[i], 1e-5);
                Assert.Equal(states[((tokens.Length - 1) * width) + i], lasts[text].Values[i], 1e-5);
            }
        }
    }

    /// <summary>Short texts are computed at once, long ones by themselves: no bit depends on it.</summary>
    [Theory]
    [InlineData(FeaturePooling.Mean)]
    [InlineData(FeaturePooling.LastToken)]
    public void AVectorIsTheSameAloneAndAmongOthers(FeaturePooling pooling)
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(seed: 4);
        var features = new TextFeatures(model, ByteTokenizer.Instance, pooling);
        var longest = model.Description.Context;
        string[] texts = [.. Enumerable.Range(0, 40).Select(index => new string((char)('a' + (index % 26)), 1 + (index * 7 % longest)))];
        var together = features.Compute(texts, TestContext.Current.CancellationToken);
        for (var text = 0; text < texts.Length; text++)
            Assert.Equal(features.Compute([texts[text]], TestContext.Current.CancellationToken)[0].Values, together[text].Values);
    }

    /// <summary>Texts of many lengths, so that batches have padding, against each text alone.</summary>
    [Fact]
    public void VectorsOfAnEncoderAreTheMeanOrTheFirstState()
    {
        using var device = new CpuDevice(2);
        using var model = SmallEncoder.Create(device);
        model.Initialize(seed: 4);
        var tokenizer = SampleWordPieces.Open(folder, "{}");
        string[] texts = [.. Enumerable.Range(0, 70).Select(static index =>
            string.Concat(Enumerable.Repeat("the hello ", index * 7 % 10)) + "[MASK]"[..(index % 2 * 6)])];
        var means = new TextFeatures(model, tokenizer).Compute(texts, TestContext.Current.CancellationToken);
        var firsts = new TextFeatures(model, tokenizer, FeaturePooling.FirstToken).Compute(texts, TestContext.Current.CancellationToken);
        var units = new TextFeatures(model, tokenizer) { IsNormalized = true }.Compute(texts, TestContext.Current.CancellationToken);
        var width = model.Description.Width;
        using var graph = model.CreateEncoding(1, model.Description.Context);
        for (var text = 0; text < texts.Length; text++)
        {
            // Names of special tokens are ordinary text.
            int[] tokens = [2, .. tokenizer.Encode(texts[text]), 3];
            graph.Encode(tokens.Length, tokens, [], [tokens.Length]);
            var states = new float[tokens.Length * width];
            graph.ReadHidden(states);
            Assert.Equal((tokens.Length, tokens.Length), (means[text].Tokens, firsts[text].Tokens));
            for (var i = 0; i < width; i++)
            {
                Assert.Equal(Enumerable.Range(0, tokens.Length).Average(row => states[(row * width) + i]), means[text].Values[i], 1e-5);
                Assert.Equal(states[i], firsts[text].Values[i], 1e-5);
                Assert.Equal(means[text].Values[i] / Math.Sqrt(means[text].Values.Sum(static value => value * value)), units[text].Values[i], 1e-5);
            }
        }

        Assert.Empty(new TextFeatures(model, tokenizer).Compute([]));
        var long24 = string.Concat(Enumerable.Repeat("the ", 23));
        Assert.Contains("Text 1 has 25 tokens", Assert.Throws<GptGenException>(() => new TextFeatures(model, tokenizer).Compute([long24])).Message);
    }

    [Fact]
    public void APoolingOfAnotherKindOfModelIsRefused()
    {
        using var device = new CpuDevice(1);
        using var encoder = SmallEncoder.Create(device);
        using var decoder = Gpt2Tiny.Create(device);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextFeatures(encoder, SampleWordPieces.Open(folder, "{}"), FeaturePooling.LastToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextFeatures(decoder, ByteTokenizer.Instance, FeaturePooling.FirstToken));
    }

    [Theory]
    [InlineData("", "Text 2 has 0 tokens")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", "Text 2 has 65 tokens")]
    public void TextsOutsideTheContextAreRefused(string text, string cause)
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Tiny.Create(device);
        Assert.Contains(cause, Assert.Throws<GptGenException>(() => new TextFeatures(model, ByteTokenizer.Instance).Compute(["a", text])).Message);
    }
}
