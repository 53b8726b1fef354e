namespace GptGen.Runtime.Tests.Golden;

[Gpt1(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 301)]
public sealed partial class Gpt1Tiny;

[Gpt1(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 298)]
[ClassificationHead(Labels = 4)]
public sealed partial class Gpt1TinyClassifier;

[Gpt1(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 298)]
[MultipleChoiceHead(Choices = 3)]
public sealed partial class Gpt1TinyChooser;

[Gpt2(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257)]
public sealed partial class Gpt2Tiny;

[Bert(Layers = 3, Heads = 3, Width = 30, HiddenWidth = 44, Context = 27, Vocabulary = 131, Dropout = 0)]
public sealed partial class BertTiny;

[Seq2Seq(Layers = 2, Heads = 3, Width = 24, HiddenWidth = 40, Context = 40, Vocabulary = 53, Dropout = 0)]
public sealed partial class Seq2SeqTiny;

[TransformerXL(Layers = 3, Heads = 3, Width = 30, HiddenWidth = 40, Context = 12, MemoryLength = 14, Vocabulary = 101, Dropout = 0)]
public sealed partial class TransformerXLTiny;

[Elmo(Layers = 2, Width = 13, Cells = 22, Context = 12, Vocabulary = 60, CellClip = 1, ProjectionClip = 0.7f, Dropout = 0)]
public sealed partial class ElmoTinyTable;

[Elmo(
    Layers = 2, Width = 13, Cells = 22, Context = 12, Vocabulary = 60, CellClip = 1, ProjectionClip = 0.7f, Dropout = 0, Filters = [4, 5, 8],
    CharacterWidth = 5)]
public sealed partial class ElmoTiny;

[TransformerXL(
    Layers = 2, Heads = 4, Width = 32, HiddenWidth = 40, Context = 12, MemoryLength = 16, ClampLength = 12, UntiedBiases = true, Vocabulary = 97,
    Cutoffs = [20, 50], EmbeddingDivisor = 2, Dropout = 0)]
public sealed partial class TransformerXLTinyAdaptive;

[Bert(Layers = 2, Heads = 4, Width = 32, HiddenWidth = 40, Context = 25, Vocabulary = 119, Dropout = 0)]
[ClassificationHead(Labels = 3)]
public sealed partial class BertTinyClassifier;

/// <summary>The classes that the golden cases' weights fit.</summary>
internal static class GoldenModels
{
    public static SegmentModel CreateSegment(string name, Device device) => name switch
    {
        "transfo-xl-adaptive" => TransformerXLTinyAdaptive.Create(device),
        _ => TransformerXLTiny.Create(device),
    };

    public static LanguageModel Create(string name, Device device) => name switch
    {
        "gpt1-tiny" => Gpt1Tiny.Create(device),
        _ => Gpt2Tiny.Create(device),
    };

    public static Model CreateTask(string name, Device device) => name switch
    {
        "bert-tiny2-clf" => BertTinyClassifier.Create(device),
        "gpt1-tiny-clf" => Gpt1TinyClassifier.Create(device),
        _ => Gpt1TinyChooser.Create(device),
    };
}
