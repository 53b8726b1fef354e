namespace GptGen.Models;

/// <summary>A GPT-2 of the size of <see cref="Gpt1Mini4K"/>, for a vocabulary of subwords learned from one's own text.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f)]
public sealed partial class Gpt2Tiny4K;
