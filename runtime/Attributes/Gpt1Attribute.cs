namespace GptGen;

/// <summary>
/// A GPT-1 model (Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training"): learned positions, a LayerNorm after
/// each residual sum and none at the end, tanh GELU, a tied head, every weight from the same normal distribution, and dropout of 0.1 at the
/// embedding, the attention probabilities and the residual branches, unless an option says otherwise. Sizes default to the published model's.
/// </summary>
/// <example><code>
/// [Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 256)]
/// public sealed partial class MyModel;
/// </code></example>
public sealed class Gpt1Attribute : TransformerAttribute
{
    /// <summary>A specification with GPT-1's sizes, to be changed by named arguments.</summary>
    public Gpt1Attribute()
    {
        Layers = 12;
        Heads = 12;
        Width = 768;
        Context = 512;
        Vocabulary = 40478;
        Dropout = 0.1f;
        LayerNorm = LayerNormPlacement.After;
    }
}
