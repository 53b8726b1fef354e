namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void MixLayers(Location layers, Location weights, Location gamma, Location lengths, Location y, in MixShape shape)
    {
        var (shares, scale) = (Shares(weights, shape.Layers), Numbers(gamma, 1)[0]);
        var input = Mixed(layers, lengths, shape);
        var count = (int)shape.Count;
        var output = Numbers(y, count);
        for (var i = 0; i < count; i++)
        {
            var sum = 0.0;
            for (var layer = 0; layer < shape.Layers; layer++)
                sum += shares[layer] * input[(layer * count) + i];
            output[i] = scale * sum;
        }
    }

    /// <inheritdoc/>
    protected override void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location lengths, Location dLayers, GradientWrite inputWrite,
        Location dWeights, Location dGamma, GradientWrite parameterWrite, in MixShape shape)
    {
        var (layerCount, count) = (shape.Layers, (int)shape.Count);
        var (shares, scale) = (Shares(weights, layerCount), Numbers(gamma, 1)[0]);
        var gradient = Numbers(dy, count);
        var input = Mixed(layers, lengths, shape);
        var inputGradient = NumbersOrNone(dLayers, layerCount * count);
        BeginGradient(inputGradient, inputWrite);
        BeginGradient(Numbers(dWeights, layerCount), parameterWrite);
        BeginGradient(Numbers(dGamma, 1), parameterWrite);
        for (var layer = 0; layer < layerCount; layer++)
        {
            for (var i = 0; i < count; i++)
            {
                var place = (layer * count) + i;
                Numbers(dGamma, 1)[0] += gradient[i] * shares[layer] * input[place];
                // The share of each layer changes with the weight of every other one.
                for (var other = 0; other < layerCount; other++)
                    Numbers(dWeights, layerCount)[other] +=
                        gradient[i] * scale * input[place] * shares[layer] * ((other == layer ? 1 : 0) - shares[other]);
                if (!inputGradient.IsEmpty)
                    inputGradient[place] += gradient[i] * scale * shares[layer];
            }
        }
    }

    /// <summary>What is mixed: the layers, or the layers normalised.</summary>
    private static double[] Mixed(Location layers, Location lengths, in MixShape shape)
    {
        var input = Numbers(layers, shape.Layers * shape.Count).ToArray();
        if (!shape.IsNormalized)
            return input;
        var (ends, count) = (Integers(lengths, shape.Sequences).ToArray(), (int)shape.Count);
        var (length, sequences, width) = (shape.Length, shape.Sequences, shape.Width);
        var counted = Enumerable.Range(0, count)
            .Where(place => place / width % length < ends[place / width / length % sequences]).ToList();
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var values = input.AsMemory(layer * count, count);
            var mean = counted.Select(place => values.Span[place]).DefaultIfEmpty(0).Average();
            var variance = counted.Select(place => Math.Pow(values.Span[place] - mean, 2)).DefaultIfEmpty(0).Average();
            for (var i = 0; i < count; i++)
                values.Span[i] = counted.Count == 0 ? 0 : (values.Span[i] - mean) / Math.Sqrt(variance + shape.Epsilon);
        }

        return input;
    }

    private static double[] Shares(Location weights, int count)
    {
        double[] exponentials = [.. Numbers(weights, count).ToArray().Select(Math.Exp)];
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }
}
