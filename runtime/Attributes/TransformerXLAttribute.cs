namespace GptGen;

/// <summary>
/// A Transformer-XL (Dai et al. 2019, "Attentive Language Models Beyond a Fixed-Length Context"), as Hugging Face's "transfo-xl" models are: a text
/// is read in segments of up to <see cref="ModelAttribute.Context"/> tokens, and each layer also sees the last <see cref="MemoryLength"/> of
/// what it saw in the segments before, by content and by distance. It normalises after each residual sum; the token tables, scaled on
/// their way in, are the head too; ReLU, dropout of 0.1. Sizes default to the base model's for WikiText-103.
/// </summary>
/// <example><code>
/// [TransformerXL(Layers = 4, Heads = 4, Width = 128, Context = 64, MemoryLength = 256, Vocabulary = 4096)]
/// public sealed partial class MyReader;
/// </code></example>
public sealed class TransformerXLAttribute : TransformerAttribute
{
    /// <summary>A specification with the base model's sizes, to be changed by named arguments.</summary>
    public TransformerXLAttribute()
    {
        Layers = 16;
        Heads = 10;
        Width = 410;
        Context = 150;
        MemoryLength = 150;
        Vocabulary = 50257;
        Dropout = 0.1f;
        LayerNorm = LayerNormPlacement.After;
        Activation = Activation.Relu;
    }

    /// <summary>The most rows that a layer keeps of the segments before; 0 for none.</summary>
    public int MemoryLength { get; set; }

    /// <summary>The longest distance that is told from others; 0, the default, is no limit.</summary>
    public int ClampLength { get; set; }

    /// <summary>
    /// Where each cluster of the vocabulary but the first begins, in ascending order, for an adaptive softmax (Grave et al. 2017): tokens are
    /// numbered from frequent to rare, the first softmax has the first cluster's tokens and a column for each cluster behind it, and what is in one
    /// of those is decided there. Empty, the default, for one softmax over all tokens.
    /// </summary>
    public int[] Cutoffs { get; set; } = [];

    /// <summary>
    /// How much narrower each cluster's token table is than the one before (div_val), with projections to the width and back; 1, the default, for
    /// one table of all tokens and no projections.
    /// </summary>
    public int EmbeddingDivisor { get; set; } = 1;

    /// <summary>Whether the softmax has projections of its own for every cluster, and not for the first only.</summary>
    public bool UntiedProjections { get; set; }

    /// <summary>Whether each layer has biases of its own for contents and distances (u and v) instead of one pair for all: untie_r.</summary>
    public bool UntiedBiases { get; set; }
}
