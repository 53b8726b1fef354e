using GptGen.Models;

namespace GptGen.Benchmarks.Gpu;

/// <summary>Models that only this benchmark has, beside the zoo's.</summary>
internal static class OwnModels
{
    private static readonly ZooEntry[] s_entries =
    [
        new("seq2seq-base-silu", Seq2SeqBaseSilu.Specification, ModelKind.Translation, Seq2SeqBaseSilu.Create),
        new("txl-base", TransformerXLBase.Specification, ModelKind.Segment, TransformerXLBase.Create),
        new("elmo-table", ElmoTable.Specification, ModelKind.Bidirectional, ElmoTable.Create),
    ];

    /// <summary>The model of a name.</summary>
    /// <exception cref="GptGenException">Neither this benchmark nor the zoo has it.</exception>
    internal static ZooEntry Find(string name) => Array.Find(s_entries, entry => entry.Name == name) ?? Zoo.Find(name);
}

/// <summary>
/// The base encoder-decoder with a smooth activation: its gradients can be held to rounding alone, which a ReLU's jump does not allow.
/// </summary>
[Seq2Seq(
    Layers = 6, Heads = 8, Width = 512, Context = 512, Vocabulary = 37000, Activation = Activation.Silu, StartToken = 36999, EndToken = 36999)]
public sealed partial class Seq2SeqBaseSilu;

/// <summary>The sizes of the published enwik8 model, with one softmax, so that its peer is short.</summary>
[TransformerXL(Layers = 12, Heads = 8, Width = 512, HiddenWidth = 2048, Context = 512, MemoryLength = 512, Vocabulary = 8192)]
public sealed partial class TransformerXLBase;

/// <summary>The LSTMs of the original ELMo over a table of tokens, so that what is timed is them.</summary>
[Elmo(Layers = 2, Width = 512, Cells = 4096, Context = 128, Vocabulary = 8192)]
public sealed partial class ElmoTable;
