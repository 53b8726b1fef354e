namespace GptGen.Models;

/// <summary>
/// A small Transformer-XL, about the size of <see cref="Gpt1Mini4K"/>, for a vocabulary of subwords learned from one's own text: segments of 128
/// tokens with a memory of up to 1,024.
/// </summary>
[TransformerXL(Layers = 4, Heads = 4, Width = 128, HiddenWidth = 512, Context = 128, MemoryLength = 1024, Vocabulary = 4096)]
public sealed partial class TransformerXLMini4K;
