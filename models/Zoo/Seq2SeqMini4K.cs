namespace GptGen.Models;

/// <summary>
/// A small encoder-decoder, about the size of <see cref="Gpt1Mini4K"/>, for a vocabulary of subwords learned from one's own text, whose end-of-text
/// token begins and ends translations.
/// </summary>
[Seq2Seq(Layers = 2, Heads = 4, Width = 128, Context = 128, Vocabulary = 4096, StartToken = 4095, EndToken = 4095)]
public sealed partial class Seq2SeqMini4K;
