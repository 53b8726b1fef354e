using GptGen.Models;

namespace GptGen.Benchmarks.Gpu;

/// <summary>
/// The base encoder-decoder with a smooth activation: its gradients can be held to rounding alone, which a ReLU's jump does not allow.
/// </summary>
[Seq2Seq(
    Layers = 6, Heads = 8, Width = 512, Context = 512, Vocabulary = 37000, Activation = Activation.Silu, StartToken = 36999, EndToken = 36999)]
public sealed partial class Seq2SeqBaseSilu
{
    /// <summary>As the command line names it.</summary>
    internal const string Name = "seq2seq-base-silu";

    /// <summary>As an entry of the zoo.</summary>
    internal static ZooEntry Entry => new(Name, Specification, ModelKind.Translation, Create);
}
