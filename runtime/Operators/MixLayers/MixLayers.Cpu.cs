using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Rows whose moments are found at once: the numbers of one chunk are read twice.</summary>
    private const int MomentRows = 32;

    /// <inheritdoc/>
    protected override void MixLayers(Location layers, Location weights, Location gamma, Location lengths, Location y, in MixShape shape)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        int layerCount = shape.Layers;
        float* factors = lease.Scratch.Floats(3 * layerCount + MomentElements(shape));
        float* means = factors + layerCount;
        float* reciprocals = means + layerCount;
        float offset = 0f;
        MixingShares(Floats(weights), factors, layerCount, Floats(gamma)[0]);
        if (shape.IsNormalized)
        {
            LayerMoments(Floats(layers), Integers(lengths), means, reciprocals, shape, reciprocals + layerCount);
            for (nint layer = 0; layer < layerCount; layer++)
                offset -= (factors[layer] *= reciprocals[layer]) * means[layer];
        }

        RunElements(new MixLayersKernel(Floats(layers), factors, offset, Floats(y), layerCount, shape.Count), shape.Count);
    }

    /// <inheritdoc/>
    protected override void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location lengths, Location dLayers, GradientWrite inputWrite,
        Location dWeights, Location dGamma, GradientWrite parameterWrite, in MixShape shape)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        nint count = shape.Count, parts = (count + ChunkElements - 1) / ChunkElements;
        int layerCount = shape.Layers;
        float* shares = lease.Scratch.Floats(layerCount * (4 + parts) + parts + MomentElements(shape));
        float* sums = shares + layerCount;
        float* means = sums + layerCount;
        float* reciprocals = means + layerCount;
        float* partSums = reciprocals + layerCount;
        float* gradientSums = partSums + layerCount * parts;
        float scale = Floats(gamma)[0];
        MixingShares(Floats(weights), shares, layerCount, 1f);
        Run(new LayerSumKernel(Floats(dy), Floats(layers), partSums, count, ChunkElements, parts), layerCount * parts, 1);
        double gradientSum = 0;
        if (shape.IsNormalized && count > 0)
        {
            LayerMoments(Floats(layers), Integers(lengths), means, reciprocals, shape, gradientSums + parts);
            Run(new PartSumKernel(Floats(dy), gradientSums, count, ChunkElements), parts, 1);
            for (nint part = 0; part < parts; part++)
                gradientSum += gradientSums[part];
        }

        double mean = 0;
        for (nint layer = 0; layer < layerCount; layer++)
        {
            double sum = 0;
            for (nint part = 0; part < parts; part++)
                sum += partSums[layer * parts + part];
            if (shape.IsNormalized && count > 0)
                sum = reciprocals[layer] * (sum - means[layer] * gradientSum);
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

    /// <summary>Numbers that <see cref="LayerMoments"/> works with.</summary>
    private static nint MomentElements(in MixShape shape) => shape.IsNormalized ? 3 * shape.Layers * MomentParts(shape) : 0;

    private static nint MomentParts(in MixShape shape) => (shape.Rows + MomentRows - 1) / MomentRows;

    /// <summary>
    /// Each layer's mean and 1 / sqrt(variance + epsilon) over the rows that count; 0 and 0 where there are none. Moments of parts are joined as
    /// Chan, Golub and LeVeque (1979) do.
    /// </summary>
    private void LayerMoments(float* layers, int* lengths, float* means, float* reciprocals, in MixShape shape, float* work)
    {
        nint parts = MomentParts(shape);
        Run(new LayerMomentsKernel(layers, lengths, work, shape, MomentRows, parts), shape.Layers * parts, 1);
        for (nint layer = 0; layer < shape.Layers; layer++)
        {
            double count = 0, mean = 0, distance = 0;
            for (nint part = 0; part < parts; part++)
            {
                float* moments = work + 3 * (layer * parts + part);
                double added = moments[0];
                if (added == 0)
                    continue;
                double difference = moments[1] - mean;
                distance += moments[2] + difference * difference * count * added / (count + added);
                mean += difference * added / (count + added);
                count += added;
            }

            means[layer] = (float)mean;
            reciprocals[layer] = count == 0 ? 0f : (float)(1 / Math.Sqrt(distance / count + shape.Epsilon));
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
