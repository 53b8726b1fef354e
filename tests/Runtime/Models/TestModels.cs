namespace GptGen.Runtime.Tests.Models;

/// <summary>The golden cases' shape.</summary>
[Gpt2(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257)]
public sealed partial class Gpt2Tiny;

/// <summary>Odd sizes, a head of its own, exact GELU.</summary>
[Gpt2(Layers = 3, Heads = 3, Width = 15, Context = 9, Vocabulary = 37, HiddenWidth = 22, TiedHead = false, Activation = Activation.GeluErf)]
public sealed partial class OddUntied;

/// <summary>Normalised after each residual sum, ReLU.</summary>
[Gpt2(Layers = 2, Heads = 2, Width = 12, Context = 10, Vocabulary = 41, LayerNorm = LayerNormPlacement.After, Activation = Activation.Relu)]
public sealed partial class PostNormalized;

/// <summary><see cref="OddUntied"/> with values computed anew.</summary>
[Gpt2(
    Layers = 3, Heads = 3, Width = 15, Context = 9, Vocabulary = 37, HiddenWidth = 22, TiedHead = false, Activation = Activation.GeluErf,
    Recompute = Recomputation.ActivationsAndLayerNorms)]
public sealed partial class OddUntiedAnew;

/// <summary><see cref="PostNormalized"/> with values computed anew.</summary>
[Gpt2(
    Layers = 2, Heads = 2, Width = 12, Context = 10, Vocabulary = 41, LayerNorm = LayerNormPlacement.After, Activation = Activation.Relu,
    Recompute = Recomputation.ActivationsAndLayerNorms)]
public sealed partial class PostNormalizedAnew;

/// <summary>Without biases, and activations computed anew.</summary>
[Gpt2(Layers = 2, Heads = 4, Width = 16, Context = 10, Vocabulary = 29, Biases = false, Recompute = Recomputation.Activations)]
public sealed partial class WithoutBiasesAnew;

/// <summary>Without biases.</summary>
[Gpt2(Layers = 2, Heads = 4, Width = 16, Context = 10, Vocabulary = 29, Biases = false)]
public sealed partial class WithoutBiases;

/// <summary>Without biases, and a head of its own; rows that fill blocks of 32.</summary>
[Gpt2(Layers = 2, Heads = 2, Width = 64, HiddenWidth = 96, Context = 64, Vocabulary = 300, Biases = false, TiedHead = false)]
public sealed partial class BareUntied;

/// <summary>Sums so long that products of few rows are of two kinds where there are few registers.</summary>
[Gpt2(Layers = 1, Heads = 2, Width = 264, HiddenWidth = 1056, Context = 40, Vocabulary = 61)]
public sealed partial class WideTiny;

/// <summary>So few tokens that all short texts can be tried.</summary>
[Gpt2(Layers = 2, Heads = 2, Width = 12, Context = 8, Vocabulary = 5)]
public sealed partial class FewTokens;

/// <summary>GPT-2's vocabulary, and next to nothing else.</summary>
[Gpt2(Layers = 1, Heads = 1, Width = 2, Context = 16, Vocabulary = 50257)]
public sealed partial class WordTiny;

/// <summary>Weights beyond the sizes that an allocator keeps.</summary>
[Gpt2(Layers = 1, Heads = 2, Width = 192, Context = 64, Vocabulary = 50257)]
public sealed partial class LargeTable;

/// <summary>An encoder for the sample of word pieces.</summary>
[Bert(Layers = 2, Heads = 2, Width = 12, Context = 24, Vocabulary = 62)]
public sealed partial class SmallEncoder;

/// <summary>An encoder and a decoder of different depths, with tokens of their own for start and end.</summary>
[Seq2Seq(
    Layers = 3, DecoderLayers = 2, Heads = 3, Width = 12, HiddenWidth = 22, Context = 9, Vocabulary = 37, Activation = Activation.Silu,
    StartToken = 3, EndToken = 3)]
public sealed partial class UnevenTranslator;

/// <summary><see cref="UnevenTranslator"/> with values computed anew.</summary>
[Seq2Seq(
    Layers = 3, DecoderLayers = 2, Heads = 3, Width = 12, HiddenWidth = 22, Context = 9, Vocabulary = 37, Activation = Activation.Silu,
    StartToken = 3, EndToken = 3, Recompute = Recomputation.ActivationsAndLayerNorms)]
public sealed partial class UnevenTranslatorAnew;

/// <summary>A translator without biases.</summary>
[Seq2Seq(Layers = 1, DecoderLayers = 3, Heads = 2, Width = 16, Context = 12, Vocabulary = 29, Biases = false)]
public sealed partial class PlainTranslator;
