namespace GptGen.Models;

/// <summary>A small BERT, the size of <see cref="Gpt1Mini4K"/>, for a vocabulary of word pieces learned from one's own text.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f)]
public sealed partial class BertMini4K;
