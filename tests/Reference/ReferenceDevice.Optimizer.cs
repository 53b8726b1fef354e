namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void GradientNorm(Location gradients, nint count, Location result)
    {
        var squares = 0.0;
        foreach (var gradient in Numbers(gradients, count))
            squares += gradient * gradient;
        Numbers(result, 1)[0] = Math.Sqrt(squares);
    }

    /// <inheritdoc/>
    protected override void AdamW(
        Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step)
    {
        var values = Numbers(parameters, step.Count);
        var slopes = Numbers(gradients, step.Count);
        var first = Numbers(firstMoments, step.Count);
        var second = Numbers(secondMoments, step.Count);
        double beta1 = step.Beta1, beta2 = step.Beta2;
        var scale = step.Clip > 0 ? Math.Min(1, step.Clip / (Numbers(norm, 1)[0] + 1e-6)) : 1;
        for (var i = 0; i < values.Length; i++)
        {
            var gradient = slopes[i] * scale;
            first[i] = beta1 * first[i] + (1 - beta1) * gradient;
            second[i] = beta2 * second[i] + (1 - beta2) * gradient * gradient;
            var mean = first[i] / (1 - Math.Pow(beta1, step.Step + 1));
            var variance = second[i] / (1 - Math.Pow(beta2, step.Step + 1));
            var decay = i < step.Decayed ? (double)step.LearningRate * step.WeightDecay : 0;
            values[i] = values[i] * (1 - decay) - step.LearningRate * mean / (Math.Sqrt(variance) + step.Epsilon);
        }
    }
}
