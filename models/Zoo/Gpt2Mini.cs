namespace GptGen.Models;

/// <summary>A byte-level model of a few million parameters for an afternoon on a laptop.</summary>
[Gpt2(Layers = 6, Heads = 6, Width = 240, Context = 256, Vocabulary = 256, Biases = false)]
public sealed partial class Gpt2Mini;
