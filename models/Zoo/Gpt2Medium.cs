namespace GptGen.Models;

/// <summary>GPT-2 medium, Radford et al. 2019.</summary>
[Gpt2(Layers = 24, Heads = 16, Width = 1024, Context = 1024, Vocabulary = 50257)]
public sealed partial class Gpt2Medium;
