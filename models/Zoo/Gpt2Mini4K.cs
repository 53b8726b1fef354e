namespace GptGen.Models;

/// <summary>The body of <see cref="Gpt2Mini"/> for a vocabulary of subwords learned from one's own text.</summary>
[Gpt2(Layers = 6, Heads = 6, Width = 240, Context = 256, Vocabulary = 4096, Biases = false)]
public sealed partial class Gpt2Mini4K;
