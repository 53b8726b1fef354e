using GptGen;

/// <summary>The model. Change a number, and the compiler writes another one; a new shape needs a new training.</summary>
[Gpt2(Layers = OWN_LAYERS, Heads = OWN_HEADS, Width = OWN_WIDTH, Context = OWN_CONTEXT, Vocabulary = 256)]
public sealed partial class MyGpt;
