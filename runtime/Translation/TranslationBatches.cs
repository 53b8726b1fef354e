using GptGen.Training;

namespace GptGen.Translation;

/// <summary>
/// Pairs for an encoder-decoder: it reads the source and the token that ends texts, and from the model's start token on predicts the target and what
/// ends it.
/// </summary>
public sealed class TranslationBatches : PairBatches
{
    private readonly TranslationTrainingGraph graph;
    private readonly int start;
    private readonly int[] sources;
    private readonly int[] sourceLengths;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] weights;
    private readonly int[] lengths;

    /// <inheritdoc cref="PairBatches(Model, PairData, PairData, TrainingOptions, Func{EncodedPair, bool}, Func{EncodedPair, int})"/>
    public TranslationBatches(TranslationModel model, PairData training, PairData validation, TrainingOptions options)
        : base(
            model, training, validation, options, pair => Math.Max(pair.Source.Length, pair.Target.Length) < options.Length,
            static pair => Math.Max(pair.Source.Length, pair.Target.Length))
    {
        graph = model.CreateTraining(AtOnce, options.Length);
        start = model.Description.StartToken ?? throw new ArgumentException("The model has no start token.", nameof(model));
        var rows = AtOnce * options.Length;
        (sources, tokens, targets, weights) = (new int[rows], new int[rows], new int[rows], new float[rows]);
        (sourceLengths, lengths) = (new int[AtOnce], new int[AtOnce]);
    }

    /// <inheritdoc/>
    public override TranslationTrainingGraph Graph => graph;

    /// <inheritdoc/>
    private protected override void Set(PairData data, ReadOnlySpan<int> indexes, float weight)
    {
        var (sourceLength, length) = (0, 0);
        foreach (var index in indexes)
        {
            var (source, target) = data.Pairs[index];
            (sourceLength, length) = (Math.Max(sourceLength, source.Length + 1), Math.Max(length, target.Length + 1));
        }

        var (sourceRows, rows) = (indexes.Length * sourceLength, indexes.Length * length);
        sources.AsSpan(0, sourceRows).Fill(data.EndOfText);
        tokens.AsSpan(0, rows).Fill(data.EndOfText);
        targets.AsSpan(0, rows).Fill(Device.IgnoredTarget);
        for (var sequence = 0; sequence < indexes.Length; sequence++)
        {
            var (source, target) = data.Pairs[indexes[sequence]];
            source.CopyTo(sources, sequence * sourceLength);
            sourceLengths[sequence] = source.Length + 1;
            var first = sequence * length;
            tokens[first] = start;
            target.CopyTo(tokens, first + 1);
            target.CopyTo(targets, first);
            targets[first + target.Length] = data.EndOfText;
            lengths[sequence] = target.Length + 1;
        }

        weights.AsSpan(0, rows).Fill(weight);
        graph.SetBatch(
            sourceLength, sources.AsSpan(0, sourceRows), sourceLengths.AsSpan(0, indexes.Length), length, tokens.AsSpan(0, rows),
            targets.AsSpan(0, rows), lengths.AsSpan(0, indexes.Length), weights.AsSpan(0, rows));
    }
}
