namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void LayerNorm(
        Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width)
    {
        var input = Numbers(x, (nint)rows * width);
        var scale = Numbers(gain, width);
        var offset = NumbersOrNone(bias, width);
        var output = Numbers(y, (nint)rows * width);
        var means = NumbersOrNone(mean, rows);
        var reciprocals = NumbersOrNone(reciprocalDeviation, rows);
        for (var row = 0; row < rows; row++)
        {
            var first = row * width;
            var sum = 0.0;
            for (var i = 0; i < width; i++)
                sum += input[first + i];
            var average = sum / width;

            var squares = 0.0;
            for (var i = 0; i < width; i++)
                squares += (input[first + i] - average) * (input[first + i] - average);
            var reciprocal = 1 / Math.Sqrt(squares / width + epsilon);

            for (var i = 0; i < width; i++)
                output[first + i] = (input[first + i] - average) * reciprocal * scale[i] + (offset.IsEmpty ? 0 : offset[i]);
            if (!means.IsEmpty)
                means[row] = average;
            if (!reciprocals.IsEmpty)
                reciprocals[row] = reciprocal;
        }
    }

    /// <inheritdoc/>
    protected override void LayerNormBackward(
        Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite,
        Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width)
    {
        // A copy, because dx may be dy itself.
        var outputGradient = Numbers(dy, (nint)rows * width).ToArray();
        var input = Numbers(x, (nint)rows * width);
        var scale = Numbers(gain, width);
        var means = Numbers(mean, rows);
        var reciprocals = Numbers(reciprocalDeviation, rows);
        var inputGradient = Numbers(dx, (nint)rows * width);
        var gainGradient = Numbers(dGain, width);
        var biasGradient = NumbersOrNone(dBias, width);
        BeginGradient(inputGradient, inputWrite);
        BeginGradient(gainGradient, parameterWrite);
        BeginGradient(biasGradient, parameterWrite);
        for (var row = 0; row < rows; row++)
        {
            var first = row * width;
            var gradientSum = 0.0;
            var productSum = 0.0;
            for (var i = 0; i < width; i++)
            {
                var normalized = (input[first + i] - means[row]) * reciprocals[row];
                var gradient = outputGradient[first + i];
                gainGradient[i] += gradient * normalized;
                if (!biasGradient.IsEmpty)
                    biasGradient[i] += gradient;
                gradientSum += gradient * scale[i];
                productSum += gradient * scale[i] * normalized;
            }

            for (var i = 0; i < width; i++)
            {
                var normalized = (input[first + i] - means[row]) * reciprocals[row];
                var gradient = outputGradient[first + i] * scale[i];
                inputGradient[first + i] += (gradient - gradientSum / width - normalized * productSum / width) * reciprocals[row];
            }
        }
    }
}
