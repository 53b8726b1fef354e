namespace GptGen.Models;

/// <summary>GPT-2 XL, Radford et al. 2019: the largest of the four published sizes.</summary>
[Gpt2(Layers = 48, Heads = 25, Width = 1600, Context = 1024, Vocabulary = 50257)]
public sealed partial class Gpt2XL;
