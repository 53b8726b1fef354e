namespace GptGen.Models;

/// <summary>A byte-level GPT-1 with room for pairs of sentences: pre-trained and fine-tuned in minutes on a laptop.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 256)]
public sealed partial class Gpt1Mini;
