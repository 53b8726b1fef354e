namespace GptGen.Models;

/// <summary>
/// The paper's base model for WikiText-103 (Dai et al. 2019): words, whose softmax is adaptive, from one table; segments of 150 tokens, evaluated
/// with a memory of up to 640.
/// </summary>
[TransformerXL(
    Layers = 16, Heads = 10, Width = 410, HiddenWidth = 2100, Context = 150, MemoryLength = 640, Vocabulary = 267735,
    Cutoffs = [20000, 40000, 200000])]
public sealed partial class TransformerXLWt103Base;
