using System.Runtime.InteropServices;
using GptGen.Generation;
using GptGen.Runtime.Tests.Models;
using GptGen.Sampling;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Generation;

public sealed class TextGeneratorTests : IDisposable
{
    private const string Prompt = "A prompt.";
    private readonly CpuDevice device = new(2);
    private readonly Gpt2Tiny model;

    public TextGeneratorTests()
    {
        model = Gpt2Tiny.Create(device);
        model.Initialize(seed: 3);
        // Larger weights make the next token depend on the whole prompt.
        var weights = new float[model.Parameters.Elements];
        model.Parameters.Read(0, weights);
        model.Parameters.Write(0, Array.ConvertAll(weights, static weight => 5 * weight));
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    /// <summary>Each sample of a batch is what its own draws give when every token is computed from the whole text anew.</summary>
    [Theory]
    [InlineData(1f)]
    [InlineData(1.5f)]
    public void SamplesOfOnePromptAreThoseOfSeparatePrompts(float penalty)
    {
        const int Tokens = 30;
        var sampling = new SamplingOptions { Temperature = 1.2f, Seed = 11, RepetitionPenalty = penalty };
        var texts = Texts(new() { Tokens = Tokens, Samples = 3, Sampling = sampling });
        for (var sample = 0; sample < texts.Length; sample++)
            Assert.Equal(Anew(sampling, sample, Tokens), texts[sample]);
        Assert.Equal(3, texts.Distinct().Count());
    }

    /// <summary>Tokens with the probabilities that the training graph gives them after the same text, whatever the draw was.</summary>
    [Fact]
    public void TokensComeWithTheirLogProbabilities()
    {
        var options = new GenerationOptions
        {
            Tokens = 20, Samples = 2, LogProbabilities = true, Sampling = new() { Temperature = 1.4f, TopK = 40, RepetitionPenalty = 1.2f, Seed = 5 },
        };
        var generator = new TextGenerator(model, ByteTokenizer.Instance);
        var prompt = ByteTokenizer.Instance.EncodePrompt(Prompt);
        var pieces = generator.Generate(Prompt, options).ToList();
        Assert.All(generator.Generate(Prompt, options with { LogProbabilities = false }), static piece => Assert.Null(piece.LogProbability));
        foreach (var sample in pieces.GroupBy(static piece => piece.Sample))
        {
            int[] tokens = [.. prompt, .. sample.Select(static piece => piece.Token)];
            using var training = model.CreateTraining(1, tokens.Length);
            training.SetBatch(1, tokens.Length, tokens, [.. tokens[1..], Device.IgnoredTarget]);
            training.Forward();
            training.Loss();
            var losses = new float[tokens.Length];
            training.ReadLosses(losses);
            Assert.Equal(
                losses[(prompt.Length - 1)..^1].Select(static loss => -(double)loss), sample.Select(static piece => piece.LogProbability!.Value),
                Near);
            Assert.Equal(string.Concat(sample.Select(static piece => piece.Text)), ByteTokenizer.Instance.Decode(tokens[prompt.Length..]));
        }

        static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-4;
    }

    /// <summary>Past the end of the window, too, where each sample is read anew.</summary>
    [Fact]
    public void GreedySamplesAreEqual()
    {
        var options = new GenerationOptions { Tokens = 100, Sampling = SamplingOptions.Greedy };
        var texts = Texts(options with { Samples = 3 });
        Assert.Equal([texts[0], texts[0], texts[0]], texts);
        Assert.Equal(Texts(options), texts[..1]);
    }

    [Fact]
    public void APromptBeyondTheContextIsRefusedAtOnce() => Assert.Contains(
        "65 tokens",
        Assert.Throws<GptGenException>(() => new TextGenerator(model, ByteTokenizer.Instance).Generate(new string('a', 65), new())).Message);

    private string[] Texts(GenerationOptions options)
    {
        var texts = new string[options.Samples];
        foreach (var piece in new TextGenerator(model, ByteTokenizer.Instance).Generate(Prompt, options, TestContext.Current.CancellationToken))
            texts[piece.Sample] += piece.Text;
        return texts;
    }

    private string Anew(SamplingOptions sampling, int sample, int tokens)
    {
        using var graph = model.CreateInference(1, model.Description.Context, model.Description.Context, 1);
        var sampler = new Sampler(sampling, (uint)sample);
        var decoder = new StreamingDecoder(ByteTokenizer.Instance);
        var (text, token) = ("", new int[1]);
        List<int> history = [.. ByteTokenizer.Instance.Encode(Prompt)];
        for (var drawn = 0; drawn < tokens; drawn++)
        {
            graph.Prefill(history.Count, CollectionsMarshal.AsSpan(history), [history.Count], [0]);
            graph.SetSeen(0, CollectionsMarshal.AsSpan(history));
            graph.Sample([sampler.Next(0, 0)], token, ByteTokenizer.Instance.VocabularySize);
            history.Add(token[0]);
            text += decoder.Append(history[^1]);
        }

        return text + decoder.Finish();
    }
}
