namespace GptGen.Models;

/// <summary>
/// The base model of Vaswani et al. 2017, for a vocabulary of 37,000 subwords learned from one's own text, whose end-of-text token begins and ends
/// translations.
/// </summary>
[Seq2Seq(Layers = 6, Heads = 8, Width = 512, Context = 512, Vocabulary = 37000, StartToken = 36999, EndToken = 36999)]
public sealed partial class Seq2SeqBase;
