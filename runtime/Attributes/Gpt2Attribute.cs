namespace GptGen;

/// <summary>
/// A GPT-2 model (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"): learned positions,
/// pre-LayerNorm blocks, a final LayerNorm, tanh GELU and a tied head, unless an option says otherwise.
/// Sizes default to the smallest published model's.
/// </summary>
/// <example><code>
/// [Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 256)]
/// public sealed partial class MyModel;
/// </code></example>
public sealed class Gpt2Attribute : TransformerAttribute
{
    /// <summary>A specification with GPT-2 small's sizes, to be changed by named arguments.</summary>
    public Gpt2Attribute()
    {
        Layers = 12;
        Heads = 12;
        Width = 768;
        Context = 1024;
        Vocabulary = 50257;
    }
}
