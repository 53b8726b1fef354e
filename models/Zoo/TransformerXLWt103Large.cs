namespace GptGen.Models;

/// <summary>
/// The paper's large model for WikiText-103 (Dai et al. 2019), Hugging Face's <c>transfo-xl-wt103</c>: rare words have narrower tables.
/// </summary>
[TransformerXL(
    Layers = 18, Heads = 16, Width = 1024, HiddenWidth = 4096, Context = 128, MemoryLength = 1600, ClampLength = 1000, UntiedBiases = true,
    Vocabulary = 267735, Cutoffs = [20000, 40000, 200000], EmbeddingDivisor = 4)]
public sealed partial class TransformerXLWt103Large;
