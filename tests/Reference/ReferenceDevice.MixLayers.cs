namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void MixLayers(Location layers, Location weights, Location gamma, Location y, int layerCount, nint count)
    {
        var (shares, scale) = (Shares(weights, layerCount), Numbers(gamma, 1)[0]);
        var output = Numbers(y, count);
        for (var i = 0; i < count; i++)
        {
            var sum = 0.0;
            for (var layer = 0; layer < layerCount; layer++)
                sum += shares[layer] * Numbers(layers.Plus(layer * count), count)[i];
            output[i] = scale * sum;
        }
    }

    /// <inheritdoc/>
    protected override void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location dLayers, GradientWrite inputWrite, Location dWeights,
        Location dGamma, GradientWrite parameterWrite, int layerCount, nint count)
    {
        var (shares, scale) = (Shares(weights, layerCount), Numbers(gamma, 1)[0]);
        var gradient = Numbers(dy, count);
        var input = Numbers(layers, layerCount * count);
        var inputGradient = NumbersOrNone(dLayers, layerCount * count);
        BeginGradient(inputGradient, inputWrite);
        BeginGradient(Numbers(dWeights, layerCount), parameterWrite);
        BeginGradient(Numbers(dGamma, 1), parameterWrite);
        for (var layer = 0; layer < layerCount; layer++)
        {
            for (var i = 0; i < count; i++)
            {
                var place = (int)(layer * count) + i;
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

    private static double[] Shares(Location weights, int count)
    {
        double[] exponentials = [.. Numbers(weights, count).ToArray().Select(Math.Exp)];
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }
}
