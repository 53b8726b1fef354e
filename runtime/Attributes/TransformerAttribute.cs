namespace GptGen;

/// <summary>
/// What every decoder-only Transformer's specification says. Put <see cref="Gpt1Attribute"/> or <see cref="Gpt2Attribute"/> on a partial class and
/// the generator writes the model: parameters, activations, forward, backward, prefill and decode. The generator knows these families
/// only, so there are no others to derive.
/// </summary>
public abstract class TransformerAttribute : ModelAttribute
{
    private protected TransformerAttribute()
    {
    }

    /// <summary>Number of attention heads; divides <see cref="ModelAttribute.Width"/>.</summary>
    public int Heads { get; set; }

    /// <summary>Width of the MLP's hidden layer; 0, the default, means 4 x <see cref="ModelAttribute.Width"/>.</summary>
    public int HiddenWidth { get; set; }

    /// <summary>The constant that LayerNorm adds to the variance.</summary>
    public float Epsilon { get; set; } = 1e-5f;

    /// <summary>Whether the output head is the token table itself.</summary>
    public bool TiedHead { get; set; } = true;

    /// <summary>Whether linear layers and LayerNorms have biases.</summary>
    public bool Biases { get; set; } = true;

    /// <summary>The MLP's activation function.</summary>
    public Activation Activation { get; set; } = Activation.GeluTanh;

    /// <summary>Where a block normalises: before each sublayer (GPT-2) or after each residual sum (GPT-1).</summary>
    public LayerNormPlacement LayerNorm { get; set; }

    /// <summary>What training computes anew in place of keeping it for every block.</summary>
    public Recomputation Recompute { get; set; }

    /// <summary>
    /// Standard deviation of the initial weights; GPT-2's residual projections use it divided by sqrt(2 x layers). 0.02 is made for a width of about
    /// 768. A narrow GPT-1, which does not normalise what its first attention reads, learns sooner with 0.02 x sqrt(768 / Width).
    /// </summary>
    public float InitialDeviation { get; set; } = 0.02f;
}
