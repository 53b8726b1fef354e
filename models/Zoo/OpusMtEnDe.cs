namespace GptGen.Models;

/// <summary>
/// The sizes of the published translation models <c>opus-mt-en-de</c> and <c>opus-mt-de-en</c> (Tiedemann and Thottingal 2020): Marian's
/// <c>transformer-base</c> with swish. Their padding token begins translations.
/// </summary>
[Seq2Seq(
    Layers = 6, Heads = 8, Width = 512, Context = 512, Vocabulary = 58101, Activation = Activation.Silu, StartToken = 58100, EndToken = 0)]
public sealed partial class OpusMtEnDe;
