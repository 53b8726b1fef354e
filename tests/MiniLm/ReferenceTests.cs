using Xunit;

namespace GptGen.MiniLm.Tests;

/// <summary>What ONNX Runtime computes of the package's model is what sentence embeddings are.</summary>
public sealed class ReferenceTests(MiniLmFiles files)
{
    [Fact]
    public void TextsOfTheSameMeaningLieCloser()
    {
        using var encoder = new OnnxEncoder(2);
        string[] texts = ["A man is eating food.", "Someone is having a meal.", "The garbage collector frees memory."];
        var embeddings = encoder.Embed([.. texts.Select(text => files.Tokenizer.EncodePair(text).Tokens)]);
        var (same, other) = (Cosine(embeddings[0], embeddings[1]), Cosine(embeddings[0], embeddings[2]));
        Assert.True(same > 0.6 && other < 0.2, $"{same} and {other}");
    }

    private static double Cosine(float[] first, float[] second) => first.Zip(second, static (a, b) => (double)a * b).Sum();
}
