using GptGen.RandomNumbers;

namespace GptGen;

/// <summary>
/// The dropout of one forward and backward pass. A mask is a pure function of this value, the layer, the site and the element's index
/// (Philox 4x32-10, Salmon et al. 2011), so the backward pass recomputes it and every device draws the same one.
/// </summary>
/// <param name="Rate">Probability of dropping an element, in [0, 1); anything else throws <see cref="ArgumentOutOfRangeException"/>.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">The optimiser step.</param>
/// <param name="MicroBatch">Which of the step's accumulated batches.</param>
public readonly record struct Dropout(float Rate, uint Seed, uint Step, int MicroBatch)
{
    /// <summary>Probability of dropping an element, in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public float Rate { get; init => field = Checked(value); } = Checked(Rate);

    /// <summary>The site number <paramref name="site"/> of layer <paramref name="layer"/>.</summary>
    public DropoutSite Site(int layer, int site) => new(this, layer, site);

    private static float Checked(float rate) =>
        rate is >= 0 and < 1 ? rate : throw new ArgumentOutOfRangeException(nameof(Rate), rate, "A dropout rate must be at least 0 and below 1.");
}

/// <summary>One place where dropout acts. Kept elements are scaled by 1 / (1 - rate).</summary>
/// <param name="Dropout">The pass it belongs to.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Index">The site inside the layer; unique in a model together with the layer.</param>
public readonly record struct DropoutSite(Dropout Dropout, int Layer, int Index)
{
    /// <summary>Whether anything is dropped.</summary>
    public bool IsActive => Dropout.Rate > 0;

    /// <summary>The random words, one an element (layout: <see cref="RandomStream"/>).</summary>
    public RandomStream Words => RandomStream.Dropout(Dropout.Seed, Dropout.Step, Dropout.MicroBatch, (ushort)Layer, (ushort)Index);

    /// <summary>What kept elements are multiplied with.</summary>
    public float Scale => 1f / (1f - Dropout.Rate);

    /// <summary>An element is dropped when its word, an unsigned integer, lies below this.</summary>
    public uint Threshold => (uint)(Dropout.Rate * 4294967296.0);
}
