using GptGen.Training;

namespace GptGen.Translation;

/// <summary>
/// Pairs for a language model: the source, the token that ends texts, the target, the token again. Only the target and what ends it are predicted.
/// </summary>
public sealed class LanguagePairBatches : PairBatches
{
    private readonly LanguageTrainingGraph graph;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] weights;
    private readonly int[] lengths;

    /// <inheritdoc cref="PairBatches(Model, PairData, PairData, TrainingOptions, Func{EncodedPair, bool}, Func{EncodedPair, int})"/>
    public LanguagePairBatches(LanguageModel model, PairData training, PairData validation, TrainingOptions options)
        : base(model, training, validation, options, pair => RowsOf(pair) <= options.Length, RowsOf)
    {
        graph = model.CreateTraining(AtOnce, options.Length);
        var rows = AtOnce * options.Length;
        (tokens, targets, weights, lengths) = (new int[rows], new int[rows], new float[rows], new int[AtOnce]);
    }

    /// <inheritdoc/>
    public override LanguageTrainingGraph Graph => graph;

    /// <inheritdoc/>
    private protected override void Set(PairData data, ReadOnlySpan<int> indexes, float weight)
    {
        var length = 0;
        foreach (var index in indexes)
            length = Math.Max(length, RowsOf(data.Pairs[index]));

        var rows = indexes.Length * length;
        tokens.AsSpan(0, rows).Fill(data.EndOfText);
        targets.AsSpan(0, rows).Fill(Device.IgnoredTarget);
        for (var sequence = 0; sequence < indexes.Length; sequence++)
        {
            var (source, target) = data.Pairs[indexes[sequence]];
            var first = sequence * length;
            source.CopyTo(tokens, first);
            target.CopyTo(tokens, first + source.Length + 1);
            target.CopyTo(targets, first + source.Length);
            targets[first + source.Length + target.Length] = data.EndOfText;
            lengths[sequence] = source.Length + 1 + target.Length;
        }

        weights.AsSpan(0, rows).Fill(weight);
        graph.SetBatch(
            indexes.Length, length, tokens.AsSpan(0, rows), targets.AsSpan(0, rows), weights.AsSpan(0, rows), lengths.AsSpan(0, indexes.Length));
    }

    // The last token is only predicted.
    private static int RowsOf(EncodedPair pair) => pair.Source.Length + 1 + pair.Target.Length;
}
