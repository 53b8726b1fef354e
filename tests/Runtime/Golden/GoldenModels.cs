namespace GptGen.Runtime.Tests.Golden;

[Gpt2(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257)]
public sealed partial class Gpt2Tiny;
