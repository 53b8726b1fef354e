namespace GptGen.Models;

/// <summary>A byte-level GPT-1 that trains in minutes on a laptop.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 256)]
public sealed partial class Gpt1Nano;
