using GptGen.Checkpoints;
using GptGen.Extensions.AI;
using GptGen.Features;
using Microsoft.Extensions.AI;
using Xunit;

namespace GptGen.MiniLm.Tests;

/// <summary>The generated class computes what ONNX Runtime does with the same weights.</summary>
public sealed class EmbeddingTests(MiniLmFiles files) : IDisposable
{
    private const double Tolerance = 1e-5;
    private const int BatchSize = 4;

    private readonly MiniLmEncoder _ours = new(files.Path, 2);
    private readonly OnnxEncoder _theirs = new(2);

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    /// <summary>Ours in padded batches of any lengths, theirs one by one.</summary>
    [Fact]
    public void EveryTextHasItsEmbedding()
    {
        int[][] tokens = [.. Sentences.All.Select(text => files.Tokenizer.EncodePair(text, length: 512).Tokens)];
        Assert.True(tokens.Count(static text => text.Length > 256) >= 5, "too few long texts");
        var expected = tokens.Select(text => _theirs.Embed([text])[0]).ToArray();
        var actual = tokens.Chunk(BatchSize).SelectMany(_ours.Embed).ToArray();
        var differences = expected.Zip(actual, static (first, second) => Difference(first, second)).ToArray();
        Assert.All(differences, static difference => Assert.InRange(difference, 0, Tolerance));
        TestContext.Current.SendDiagnosticMessage($"largest difference: {differences.Max():e2}");
        // Texts differ by far more.
        Assert.True(Difference(expected[20], expected[21]) > 1000 * Tolerance);
    }

    [Fact]
    public async Task TheEmbeddingGeneratorGivesTheSame()
    {
        string[] texts = [.. Sentences.All.Where(text => files.Tokenizer.Encode(text).Length <= 100 && !text.Contains('['))
            .Where(static (_, index) => index % 3 == 0)];
        var features = new TextFeatures(_ours.Model, files.Tokenizer) { IsNormalized = true };
        using var generator = new GptEmbeddingGenerator(features);
        var embeddings = await generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(texts.Length, embeddings.Count);
        for (var text = 0; text < texts.Length; text++)
        {
            var expected = _theirs.Embed([files.Tokenizer.EncodePair(texts[text]).Tokens])[0];
            Assert.InRange(Difference(expected, embeddings[text].Vector.ToArray()), 0, Tolerance);
        }
    }

    private static double Difference(float[] first, float[] second)
    {
        Assert.Equal(SentencePooling.Width, second.Length);
        return first.Zip(second, static (a, b) => Math.Abs((double)a - b)).Max();
    }
}
