using GptGen.Features;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Features;

public sealed class TextFeaturesTests
{
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
