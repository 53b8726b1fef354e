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
        NeedMix(layers, weights, gamma, y);
        if (y.Count > 0)
            MixLayers(layers.Start, weights.Start, gamma.Start, y.Start, TLayers.Size, (nint)y.Count * TWidth.Size);
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
        NeedMix(layers, weights, gamma, dy);
        NeedOrNone(dLayers, layers.Count);
        Need(dWeights);
        Need(dGamma);
        MixLayersBackward(
            dy.Start, layers.Start, weights.Start, gamma.Start, dLayers.Start, inputWrite, dWeights.Start, dGamma.Start, parameterWrite, TLayers.Size,
            (nint)dy.Count * TWidth.Size);
    }

    private void NeedMix<TLayers, TWidth, TScale>(Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Rows<TWidth> rows)
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
    }

    /// <summary>The untyped core of <c>MixLayers</c>; each layer has <paramref name="count"/> numbers, at least one.</summary>
    protected abstract void MixLayers(Location layers, Location weights, Location gamma, Location y, int layerCount, nint count);

    /// <summary>The untyped core of <c>MixLayersBackward</c>.</summary>
    protected abstract void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location dLayers, GradientWrite inputWrite, Location dWeights,
        Location dGamma, GradientWrite parameterWrite, int layerCount, nint count);
}
