namespace GptGen.RandomNumbers;

/// <summary>
/// Everything that a dropout's mask depends on besides the element's index. Forward and backward passes, and every device, derive the
/// same mask from it; nothing is stored. Element e is kept when word e of <see cref="Stream"/> is at least
/// <see cref="Threshold"/>, and is then multiplied by <see cref="Scale"/>.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">The training step.</param>
/// <param name="MicroBatch">The micro-batch within the step.</param>
/// <param name="Layer">The layer; sites outside the layers use 0 and a site of their own.</param>
/// <param name="Site">Which dropout of the layer it is.</param>
public readonly record struct DropoutKey(uint Seed, uint Step, int MicroBatch, ushort Layer, ushort Site)
{
    /// <summary>The random words, addressed by the 64-bit element index (layout: <see cref="RandomStream"/>).</summary>
    public RandomStream Stream => RandomStream.Dropout(Seed, Step, MicroBatch, Layer, Site);

    /// <summary>The smallest word that keeps its element: probability · 2^32, so that no device compares floats.</summary>
    /// <param name="probability">Probability of dropping an element, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside [0, 1).</exception>
    public static uint Threshold(double probability)
    {
        if (!(probability is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A dropout probability lies in [0, 1).");
        return (uint)Math.Min(Math.Round(probability * 4294967296.0), uint.MaxValue);
    }

    /// <summary>The factor of kept elements, 1 / (1 - probability), which leaves the expectation unchanged.</summary>
    /// <param name="probability">Probability of dropping an element, in [0, 1).</param>
    public static float Scale(double probability) => (float)(1 / (1 - probability));
}
