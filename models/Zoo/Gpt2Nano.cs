namespace GptGen.Models;

/// <summary>A byte-level model that trains in minutes on a laptop; nanoGPT's small recipe without biases.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 256, Biases = false)]
public sealed partial class Gpt2Nano;
