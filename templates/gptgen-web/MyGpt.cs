using GptGen;

/// <summary>The model that the weights must fit. [Gpt2] without numbers is GPT-2 with 124 million parameters.</summary>
[Gpt2(Layers = OWN_LAYERS, Heads = OWN_HEADS, Width = OWN_WIDTH, Context = OWN_CONTEXT, Vocabulary = OWN_VOCABULARY)]
public sealed partial class MyGpt;
