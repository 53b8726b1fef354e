namespace GptGen;

/// <summary>
/// An ELMo model (Peters et al. 2018, "Deep contextualized word representations"), as bilm-tf has it: two language models of stacked LSTMs with
/// projection, one that reads a text forward and one that reads it backward, which share the token table and the softmax. Cells and projected outputs
/// are clipped, each layer above the first adds what it read to what it gives, and dropout acts on what every LSTM reads and on the final outputs.
/// Sizes default to the original's. Its layers, mixed, are features for other tasks.
/// </summary>
/// <example><code>
/// [Elmo(Layers = 2, Width = 64, Cells = 256, Context = 128, Vocabulary = 4096)]
/// public sealed partial class MyFeatures;
/// </code></example>
public sealed class ElmoAttribute : ModelAttribute
{
    /// <summary>A specification with the original's sizes, to be changed by named arguments.</summary>
    public ElmoAttribute()
    {
        Layers = 2;
        Width = 512;
        Context = 512;
        Vocabulary = 793471;
        Dropout = 0.1f;
    }

    /// <summary>Cells of each LSTM, which are projected to <see cref="ModelAttribute.Width"/>.</summary>
    public int Cells { get; set; } = 4096;

    /// <summary>
    /// How many filters see 1, 2, 3… characters of a word at once, by which words are embedded; empty, the default, for a table of tokens in their
    /// place. The original's are 32, 32, 64, 128, 256, 512 and 1024.
    /// </summary>
    public int[] Filters { get; set; } = [];

    /// <summary>Width of a character's embedding, which filters read; belongs to <see cref="Filters"/>.</summary>
    public int CharacterWidth { get; set; } = 16;

    /// <summary>
    /// Number of highway layers behind the filters, before the projection to <see cref="ModelAttribute.Width"/>; belongs to <see cref="Filters"/>.
    /// </summary>
    public int HighwayLayers { get; set; } = 2;

    /// <summary>
    /// How many tokens the softmax is made among in training, beside each row's own: TensorFlow's <c>sampled_softmax_loss</c>, which takes tokens for
    /// numbered by how frequent they are, as vocabularies of words and learned ones are. 0, the default, for all; evaluation always takes all. The
    /// original's is 8192. Without a task head only, which predicts no tokens.
    /// </summary>
    public int SampledTokens { get; set; }

    /// <summary>
    /// Whether a task head's mix takes layers that are normalised, each by one mean and variance of all its numbers in the batch (bilm-tf's
    /// <c>do_layer_norm</c>), so that what it gives of a text depends on those beside it. Belongs to a task head.
    /// </summary>
    public bool NormalizedMix { get; set; }

    /// <summary>Cells are kept between minus this and this; 0 leaves them as they are.</summary>
    public float CellClip { get; set; } = 3;

    /// <summary>The same for the projected outputs.</summary>
    public float ProjectionClip { get; set; } = 3;
}
