namespace GptGen;

/// <summary>
/// What every model's specification says, whatever its family. Put the attribute of a family, such as <see cref="Gpt2Attribute"/>, on a partial class
/// and the generator writes the model. The generator knows these families only, so there are no others to derive.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public abstract class ModelAttribute : Attribute
{
    private protected ModelAttribute()
    {
    }

    /// <summary>Number of layers: of Transformers their blocks, of LSTMs those of each direction.</summary>
    public int Layers { get; set; }

    /// <summary>Width of what layers hand on to one another (d_model, n_embd; of LSTMs their projection's).</summary>
    public int Width { get; set; }

    /// <summary>The most tokens that the model can see at once (n_positions).</summary>
    public int Context { get; set; }

    /// <summary>Number of entries in the token table.</summary>
    public int Vocabulary { get; set; }

    /// <summary>Default probability of dropping an element in training: of embeddings, attention probabilities and what layers give.</summary>
    public float Dropout { get; set; }
}
