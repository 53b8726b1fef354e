namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    public override void GradientNorm(Arena gradients, nint count, Statistics result)
    {
        var squares = 0.0;
        foreach (var gradient in Numbers(gradients.At(0), count))
            squares += gradient * gradient;
        Numbers(result.Start, 1)[0] = Math.Sqrt(squares);
    }

    /// <inheritdoc/>
    public override void AdamW(Arena parameters, Arena gradients, Arena firstMoments, Arena secondMoments, Statistics norm, in AdamWStep step)
    {
        var values = Numbers(parameters.At(0), step.Count);
        var slopes = Numbers(gradients.At(0), step.Count);
        var first = Numbers(firstMoments.At(0), step.Count);
        var second = Numbers(secondMoments.At(0), step.Count);
        double beta1 = step.Beta1, beta2 = step.Beta2;
        var scale = step.Clip > 0 ? Math.Min(1, step.Clip / (Numbers(norm.Start, 1)[0] + 1e-6)) : 1;
        for (var i = 0; i < values.Length; i++)
        {
            var gradient = slopes[i] * scale;
            first[i] = beta1 * first[i] + (1 - beta1) * gradient;
            second[i] = beta2 * second[i] + (1 - beta2) * gradient * gradient;
            var mean = first[i] / (1 - Math.Pow(beta1, step.Step));
            var variance = second[i] / (1 - Math.Pow(beta2, step.Step));
            var decay = i < step.Decayed ? (double)step.LearningRate * step.WeightDecay : 0;
            values[i] = values[i] * (1 - decay) - step.LearningRate * mean / (Math.Sqrt(variance) + step.Epsilon);
        }
    }
}
