using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void MixLayers(Location layers, Location weights, Location gamma, Location y, int layerCount, nint count)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        float* factors = lease.Scratch.Floats(layerCount);
        MixingShares(Floats(weights), factors, layerCount, Floats(gamma)[0]);
        RunElements(new MixLayersKernel(Floats(layers), factors, Floats(y), layerCount, count), count);
    }

    /// <inheritdoc/>
    protected override void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location dLayers, GradientWrite inputWrite, Location dWeights,
        Location dGamma, GradientWrite parameterWrite, int layerCount, nint count)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        nint parts = (count + ChunkElements - 1) / ChunkElements;
        float* shares = lease.Scratch.Floats(layerCount * (2 + parts));
        float* sums = shares + layerCount;
        float* partSums = sums + layerCount;
        float scale = Floats(gamma)[0];
        MixingShares(Floats(weights), shares, layerCount, 1f);
        Run(new LayerSumKernel(Floats(dy), Floats(layers), partSums, count, ChunkElements, parts), layerCount * parts, 1);
        double mean = 0;
        for (nint layer = 0; layer < layerCount; layer++)
        {
            double sum = 0;
            for (nint part = 0; part < parts; part++)
                sum += partSums[layer * parts + part];
            sums[layer] = (float)sum;
            mean += shares[layer] * sum;
        }

        bool add = parameterWrite == GradientWrite.Add;
        float* to = Floats(dWeights);
        for (nint layer = 0; layer < layerCount; layer++)
            to[layer] = (add ? to[layer] : 0f) + (float)(scale * shares[layer] * (sums[layer] - mean));
        Floats(dGamma)[0] = (add ? Floats(dGamma)[0] : 0f) + (float)mean;
        if (!dLayers.IsNone)
        {
            RunElements(
                new MixLayersBackwardKernel(Floats(dy), shares, scale, Floats(dLayers), layerCount, count, inputWrite == GradientWrite.Add), count);
        }
    }

    /// <summary>factor x softmax(weights): a few numbers.</summary>
    private static void MixingShares(float* weights, float* shares, nint count, float factor)
    {
        float largest = float.NegativeInfinity, total = 0;
        for (nint i = 0; i < count; i++)
            largest = MathF.Max(largest, weights[i]);
        for (nint i = 0; i < count; i++)
            total += shares[i] = MathF.Exp(weights[i] - largest);
        for (nint i = 0; i < count; i++)
            shares[i] *= factor / total;
    }
}
