namespace GptGen;

/// <summary>
/// What every decoder-only Transformer's specification says. Put <see cref="Gpt1Attribute"/> or <see cref="Gpt2Attribute"/> on a partial class and
/// the generator writes the model: parameters, activations, forward, backward, prefill and decode. The generator knows these families
/// only, so there are no others to derive.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public abstract class TransformerAttribute : Attribute
{
    private protected TransformerAttribute()
    {
    }

    /// <summary>Number of Transformer blocks.</summary>
    public int Layers { get; set; }

    /// <summary>Number of attention heads; divides <see cref="Width"/>.</summary>
    public int Heads { get; set; }

    /// <summary>Width of the residual stream (d_model, n_embd).</summary>
    public int Width { get; set; }

    /// <summary>The most tokens that the model can see at once (n_positions).</summary>
    public int Context { get; set; }

    /// <summary>Number of entries in the token table.</summary>
    public int Vocabulary { get; set; }

    /// <summary>Width of the MLP's hidden layer; 0, the default, means 4 x <see cref="Width"/>.</summary>
    public int HiddenWidth { get; set; }

    /// <summary>The constant that LayerNorm adds to the variance.</summary>
    public float Epsilon { get; set; } = 1e-5f;

    /// <summary>Default probability of dropping an element (embedding, attention probabilities, residual branches) in training.</summary>
    public float Dropout { get; set; }

    /// <summary>Whether the output head is the token table itself.</summary>
    public bool TiedHead { get; set; } = true;

    /// <summary>Whether linear layers and LayerNorms have biases.</summary>
    public bool Biases { get; set; } = true;

    /// <summary>The MLP's activation function.</summary>
    public Activation Activation { get; set; } = Activation.GeluTanh;

    /// <summary>Where a block normalises: before each sublayer (GPT-2) or after each residual sum (GPT-1).</summary>
    public LayerNormPlacement LayerNorm { get; set; }

    /// <summary>
    /// Standard deviation of the initial weights; GPT-2's residual projections use it divided by sqrt(2 x layers). 0.02 is made for a width of about
    /// 768. A narrow GPT-1, which does not normalise what its first attention reads, learns sooner with 0.02 x sqrt(768 / Width).
    /// </summary>
    public float InitialDeviation { get; set; } = 0.02f;
}
