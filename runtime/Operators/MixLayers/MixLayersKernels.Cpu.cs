namespace GptGen.Cpu;

/// <summary>The weighted sum of layers, which are added in their order.</summary>
internal readonly unsafe struct MixLayersKernel(float* layers, float* factors, float* y, int layerCount, nint count) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        new CpuRange(y + first, last - first).Clear();
        for (nint layer = 0; layer < layerCount; layer++)
            VectorRuns.AddScaled<TSimd, TVector>(y + first, layers + layer * count + first, factors[layer], last - first);
    }
}

/// <summary>The sum of dy x h over a part of a layer: an item is a layer and a part.</summary>
internal readonly unsafe struct LayerSumKernel(float* dy, float* layers, float* sums, nint count, nint part, nint parts) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint item = first; item < last; item++)
        {
            nint layer = item / parts, begin = item % parts * part;
            sums[item] = VectorRuns.Dot<TSimd, TVector>(dy + begin, layers + layer * count + begin, Math.Min(part, count - begin));
        }
    }
}

/// <summary>The gradient of each layer: dy times the layer's share and gamma.</summary>
internal readonly unsafe struct MixLayersBackwardKernel(
    float* dy, float* shares, float gamma, float* dLayers, int layerCount, nint count, bool add) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint layer = 0; layer < layerCount; layer++)
        {
            float* to = dLayers + layer * count + first;
            if (!add)
                new CpuRange(to, last - first).Clear();
            VectorRuns.AddScaled<TSimd, TVector>(to, dy + first, gamma * shares[layer], last - first);
        }
    }
}
