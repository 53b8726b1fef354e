namespace GptGen.Models;

/// <summary>GPT-1, Radford et al. 2018.</summary>
[Gpt1]
public sealed partial class Gpt1;
