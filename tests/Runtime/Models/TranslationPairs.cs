namespace GptGen.Runtime.Tests.Models;

/// <summary>Random ragged pairs for the translators among the test models, with weights that differ.</summary>
internal sealed class TranslationPairs
{
    public const int SourceLength = 7;
    public const int Length = 5;

    public TranslationPairs(TranslationModel model)
    {
        Source = Variants.Tokens(model, 1, 3 * SourceLength);
        Tokens = Variants.Tokens(model, 2, 3 * Length);
        Targets = Variants.Tokens(model, 3, 3 * Length);
        Targets[2] = Device.IgnoredTarget;
        Weights =
        [
            .. Targets.Select((target, row) =>
                target == Device.IgnoredTarget || row % Length >= Lengths[row / Length] ? 0 : 0.0625f * (1 + (row % 5))),
        ];
    }

    public static int[] SourceLengths { get; } = [4, 7, 1];

    public static int[] Lengths { get; } = [5, 2, 3];

    public int[] Source { get; }

    public int[] Tokens { get; }

    public int[] Targets { get; }

    public float[] Weights { get; }

    /// <summary>A translator with the same random weights on every device.</summary>
    public static TranslationModel Create(string name, Device device)
    {
        TranslationModel model = name switch
        {
            nameof(UnevenTranslator) => UnevenTranslator.Create(device),
            nameof(UnevenTranslatorAnew) => UnevenTranslatorAnew.Create(device),
            _ => PlainTranslator.Create(device),
        };
        Variants.Fill(model);
        return model;
    }

    /// <summary>Sets some of the pairs as a graph's batch.</summary>
    public void Set(TranslationTrainingGraph training, int first, int count)
    {
        var (source, rows, pairs) = (Rows(SourceLength), Rows(Length), first..(first + count));
        training.SetBatch(
            SourceLength, Source[source], SourceLengths[pairs], Length, Tokens[rows], Targets[rows], Lengths[pairs], Weights[rows]);

        Range Rows(int length) => (first * length)..((first + count) * length);
    }
}
