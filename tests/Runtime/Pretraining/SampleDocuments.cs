using GptGen.Pretraining;
using GptGen.Text;

namespace GptGen.Runtime.Tests.Pretraining;

/// <summary>Documents whose every token says where it stands, and a vocabulary for them.</summary>
internal static class SampleDocuments
{
    public const int Size = 6000;

    public static MaskedTokens Special { get; } = new(0, 1, 2, 3, 4);

    /// <summary>A third of the tokens continue a word.</summary>
    public static MaskingVocabulary Vocabulary { get; } =
        new(Special, [.. Enumerable.Range(0, Size).Select(static token => token > 4 && token % 3 == 0)]);

    /// <summary>Documents of 1 to 12 sentences of 1 to 15 tokens, numbered from 5 on without repetition.</summary>
    public static PretrainingDocuments Of(int documents, int seed = 1)
    {
        var random = new Random(seed);
        var next = 5;
        return PretrainingDocuments.FromTokens([.. Enumerable.Range(0, documents).Select(_ => Document())]);

        List<int[]> Document() => [.. Enumerable.Range(0, random.Next(1, 13)).Select(_ => Sentence())];

        int[] Sentence() => [.. Enumerable.Range(0, random.Next(1, 16)).Select(_ => next++)];
    }

    /// <summary>One sequence of a batch.</summary>
    public static Sequence Row(MaskedBatch batch, int row)
    {
        var length = batch.Lengths[row];
        var tokens = batch.Tokens.AsSpan(row * batch.Length, length).ToArray();
        var positions = new List<int>();
        var original = tokens.ToArray();
        for (var index = 0; index < batch.Predictions; index++)
        {
            if (batch.PredictedRows[index] / batch.Length != row)
                continue;
            positions.Add(batch.PredictedRows[index] % batch.Length);
            original[positions[^1]] = batch.PredictedTokens[index];
        }

        return new(tokens, original, batch.TokenTypes.AsSpan(row * batch.Length, length).ToArray(), [.. positions], batch.NextLabels[row]);
    }

    /// <param name="Tokens">What the model sees.</param>
    /// <param name="Original">What stood there before masking.</param>
    internal sealed record Sequence(int[] Tokens, int[] Original, int[] Types, int[] Positions, int NextLabel)
    {
        public int[] First => Original[1..Array.IndexOf(Original, 3)];

        public int[] Second => Array.IndexOf(Original, 3) + 1 is var start && start < Original.Length ? Original[start..^1] : [];
    }
}
