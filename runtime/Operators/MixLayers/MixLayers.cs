namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y = gamma x sum over k of softmax(w)_k x h_k: the layers of a model mixed into one (Peters et al. 2018, equation 1).
    /// <paramref name="layers"/> are the layers h one after the other, [layers, rows, width], for y's rows; <paramref name="gamma"/> is one number.
    /// </summary>
    /// <exception cref="ArgumentException">The layers have other rows than y, or gamma is several numbers.</exception>
    public void MixLayers<TLayers, TWidth, TScale>(Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Rows<TWidth> y)
        where TLayers : struct, IDimension
        where TWidth : struct, IDimension
        where TScale : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedMix(layers, weights, gamma, y);
        if (y.Count > 0)
            MixLayers(layers.Start, weights.Start, gamma.Start, default, y.Start, shape);
    }

    /// <summary>
    /// The same of layers that are normalised first, as bilm-tf does with <c>do_layer_norm</c>: y = gamma x sum over k of
    /// softmax(w)_k x (h_k - m_k) / sqrt(v_k + epsilon), with one mean m_k and one variance v_k of all the numbers that a layer has in rows that
    /// count, whichever sequences they are of; without any such rows each layer is 0.
    /// </summary>
    /// <param name="layers">The layers h, [layers, directions, sequences, length, width].</param>
    /// <param name="weights">w.</param>
    /// <param name="gamma">One number.</param>
    /// <param name="lengths">How many rows of each sequence count, in every direction.</param>
    /// <param name="directions">How often the sequences' rows stand there.</param>
    /// <param name="epsilon">What is added to the variances; bilm-tf adds 1e-12.</param>
    /// <param name="y">[directions, sequences, length, width].</param>
    /// <exception cref="ArgumentException">
    /// The layers have other rows than y, gamma is several numbers, or the rows are no whole number for each sequence and direction.
    /// </exception>
    public void MixNormalizedLayers<TLayers, TWidth, TScale>(
        Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Integers lengths, int directions, float epsilon, Rows<TWidth> y)
        where TLayers : struct, IDimension
        where TWidth : struct, IDimension
        where TScale : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedNormalization(NeedMix(layers, weights, gamma, y), lengths, directions, epsilon);
        if (y.Count > 0)
            MixLayers(layers.Start, weights.Start, gamma.Start, lengths.Start, y.Start, shape);
    }

    /// <summary>
    /// The gradients of <c>MixLayers</c>: with s = softmax(w) and a_k = the sum of dy x h_k over all numbers,
    /// dw_k (+)= gamma x s_k x (a_k - sum over j of s_j a_j), dgamma (+)= sum over k of s_k a_k, and dh_k (+)= gamma x s_k x dy, unless absent.
    /// </summary>
    public void MixLayersBackward<TLayers, TWidth, TScale>(
        Rows<TWidth> dy, Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Rows<TWidth> dLayers, GradientWrite inputWrite,
        Vector<TLayers> dWeights, Vector<TScale> dGamma, GradientWrite parameterWrite)
        where TLayers : struct, IDimension
        where TWidth : struct, IDimension
        where TScale : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedMix(layers, weights, gamma, dy);
        NeedOrNone(dLayers, layers.Count);
        Need(dWeights);
        Need(dGamma);
        MixLayersBackward(
            dy.Start, layers.Start, weights.Start, gamma.Start, default, dLayers.Start, inputWrite, dWeights.Start, dGamma.Start, parameterWrite,
            shape);
    }

    /// <summary>
    /// The gradients of <c>MixNormalizedLayers</c> for weights and gamma, which are those of <c>MixLayers</c> with normalised layers for h. The
    /// layers themselves are frozen wherever they are mixed.
    /// </summary>
    public void MixNormalizedLayersBackward<TLayers, TWidth, TScale>(
        Rows<TWidth> dy, Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Integers lengths, int directions, float epsilon,
        Vector<TLayers> dWeights, Vector<TScale> dGamma, GradientWrite parameterWrite)
        where TLayers : struct, IDimension
        where TWidth : struct, IDimension
        where TScale : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedNormalization(NeedMix(layers, weights, gamma, dy), lengths, directions, epsilon);
        Need(dWeights);
        Need(dGamma);
        MixLayersBackward(
            dy.Start, layers.Start, weights.Start, gamma.Start, lengths.Start, default, GradientWrite.Write, dWeights.Start, dGamma.Start,
            parameterWrite, shape);
    }

    private MixShape NeedMix<TLayers, TWidth, TScale>(Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Rows<TWidth> rows)
        where TLayers : struct, IDimension
        where TWidth : struct, IDimension
        where TScale : struct, IDimension
    {
        Need(layers, layers.Count);
        Need(weights);
        Need(gamma);
        Need(rows, rows.Count);
        if (TScale.Size != 1)
            throw new ArgumentException($"Layers are scaled by one number, and not by {TScale.Size}.", nameof(gamma));
        if (layers.Count != (long)TLayers.Size * rows.Count)
            throw new ArgumentException($"{TLayers.Size} layers of {rows.Count} rows do not have {layers.Count} rows.", nameof(layers));
        return new(TLayers.Size, rows.Count, TWidth.Size);
    }

    private MixShape NeedNormalization(MixShape shape, Integers lengths, int directions, float epsilon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(directions, 1);
        if (!(epsilon > 0 && epsilon < float.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "What is added to a variance must be positive and finite.");
        Need(lengths, lengths.Count);
        if (lengths.Count < 1)
            throw new ArgumentException("Without sequences there is nothing to normalise.", nameof(lengths));
        var length = PerSequence(shape.Rows, checked(directions * lengths.Count));
        NeedChoices(lengths, lengths.Count, 0, length + 1);
        return shape with { Sequences = lengths.Count, Length = length, Epsilon = epsilon };
    }

    /// <summary>
    /// The untyped core of <c>MixLayers</c> and <c>MixNormalizedLayers</c>, of at least one row; only layers that are normalised have lengths.
    /// </summary>
    protected abstract void MixLayers(Location layers, Location weights, Location gamma, Location lengths, Location y, in MixShape shape);

    /// <summary>The untyped core of their gradients; only layers that are not normalised may have one.</summary>
    protected abstract void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location lengths, Location dLayers, GradientWrite inputWrite,
        Location dWeights, Location dGamma, GradientWrite parameterWrite, in MixShape shape);
}
