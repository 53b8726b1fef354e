namespace GptGen;

/// <summary>
/// A BERT model (Devlin et al. 2018, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding"): an encoder that sees a text
/// from both sides, with learned positions and token types, a LayerNorm after the embeddings and after each residual sum, GELU by the error function,
/// dropout of 0.1, a tied head that predicts masked tokens, and a pooler that says whether a second text follows the first. Sizes default to
/// BERT base's, uncased.
/// </summary>
/// <example><code>
/// [Bert(Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 4096)]
/// public sealed partial class MyEncoder;
/// </code></example>
public sealed class BertAttribute : TransformerAttribute
{
    /// <summary>A specification with BERT base's sizes, to be changed by named arguments.</summary>
    public BertAttribute()
    {
        Layers = 12;
        Heads = 12;
        Width = 768;
        Context = 512;
        Vocabulary = 30522;
        Dropout = 0.1f;
        LayerNorm = LayerNormPlacement.After;
        Activation = Activation.GeluErf;
        Epsilon = 1e-12f;
    }

    /// <summary>Number of token types: which of two texts a token belongs to.</summary>
    public int TokenTypes { get; set; } = 2;
}
