namespace GptGen.Models;

/// <summary>The big model of Vaswani et al. 2017, otherwise as <see cref="Seq2SeqBase"/>.</summary>
[Seq2Seq(Layers = 6, Heads = 16, Width = 1024, Context = 512, Vocabulary = 37000, Dropout = 0.3f, StartToken = 36999, EndToken = 36999)]
public sealed partial class Seq2SeqBig;
