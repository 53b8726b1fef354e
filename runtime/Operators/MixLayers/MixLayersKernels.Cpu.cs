namespace GptGen.Cpu;

/// <summary>An offset and the weighted sum of layers, which are added in their order.</summary>
internal readonly unsafe struct MixLayersKernel(float* layers, float* factors, float offset, float* y, int layerCount, nint count) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        new CpuRange(y + first, last - first).Fill(offset);
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

/// <summary>The sums of parts of some numbers: an item is a part.</summary>
internal readonly unsafe struct PartSumKernel(float* values, float* sums, nint count, nint part) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint item = first; item < last; item++)
            sums[item] = VectorMath.Sum<TSimd, TVector>(values + item * part, Math.Min(part, count - item * part));
    }
}

/// <summary>
/// How many numbers the rows that count have in a part of a layer, their mean, and the sum of their squared distances from it: an item is a layer
/// and a part.
/// </summary>
internal readonly unsafe struct LayerMomentsKernel(
    float* layers, int* lengths, float* moments, MixShape shape, int partRows, nint parts) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        ReadOnlySpan<int> ends = new(lengths, shape.Sequences);
        nint width = shape.Width;
        for (nint item = first; item < last; item++)
        {
            float* layer = layers + item / parts * shape.Count;
            int begin = (int)(item % parts) * partRows, end = Math.Min(begin + partRows, shape.Rows);
            float count = 0, sum = 0, distance = 0;
            for (int row = begin; row < end; row++)
            {
                if (!shape.Counts(row, ends))
                    continue;
                count += width;
                sum += VectorMath.Sum<TSimd, TVector>(layer + row * width, width);
            }

            float mean = count == 0 ? 0f : sum / count;
            for (int row = begin; row < end; row++)
            {
                if (shape.Counts(row, ends))
                    distance += VectorRuns.SquaredDistance<TSimd, TVector>(layer + row * width, mean, width);
            }

            (moments[3 * item], moments[3 * item + 1], moments[3 * item + 2]) = (count, mean, distance);
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
