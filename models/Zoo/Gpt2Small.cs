namespace GptGen.Models;

/// <summary>GPT-2 small, Radford et al. 2019: the smallest of the four published sizes.</summary>
[Gpt2(Layers = 12, Heads = 12, Width = 768, Context = 1024, Vocabulary = 50257)]
public sealed partial class Gpt2Small;
