namespace GptGen.Benchmarks;

/// <summary>GPT-2 124M.</summary>
[Gpt2]
public sealed partial class Gpt2Small;
