namespace GptGen;

/// <summary>
/// An encoder-decoder Transformer (Vaswani et al. 2017, "Attention is all you need"), as Hugging Face's "marian" models are: an encoder reads a
/// source, and a decoder writes its translation, looking at what the encoder made of it. Both normalise after each residual sum and share one scaled
/// token table, which is the head too; positions are sinusoids, which are computed and not learned; ReLU, dropout of 0.1 on embeddings and residual
/// branches. Weights begin as Glorot and Bengio have it (2010), the token table with a deviation of Width^-1/2. Sizes default to the base model's.
/// </summary>
/// <example><code>
/// [Seq2Seq(Layers = 3, Heads = 4, Width = 128, Context = 64, Vocabulary = 4096)]
/// public sealed partial class MyTranslator;
/// </code></example>
public sealed class Seq2SeqAttribute : TransformerAttribute
{
    /// <summary>A specification with the base model's sizes, to be changed by named arguments.</summary>
    public Seq2SeqAttribute()
    {
        Layers = 6;
        Heads = 8;
        Width = 512;
        Context = 512;
        Vocabulary = 37000;
        Dropout = 0.1f;
        LayerNorm = LayerNormPlacement.After;
        Activation = Activation.Relu;
    }

    /// <summary>Number of the decoder's blocks; as many as the encoder's <see cref="ModelAttribute.Layers"/> where it is not given.</summary>
    public int DecoderLayers { get; set; }

    /// <summary>
    /// The token that a translation begins behind, which is Marian's padding; the vocabulary's last one where it is not given. It may be
    /// <see cref="EndToken"/>.
    /// </summary>
    public int StartToken { get; set; }

    /// <summary>The token that ends every source and every translation.</summary>
    public int EndToken { get; set; }
}
