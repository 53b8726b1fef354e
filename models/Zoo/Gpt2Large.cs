namespace GptGen.Models;

/// <summary>GPT-2 large, Radford et al. 2019.</summary>
[Gpt2(Layers = 36, Heads = 20, Width = 1280, Context = 1024, Vocabulary = 50257)]
public sealed partial class Gpt2Large;
