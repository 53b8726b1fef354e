namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth)
    {
        var input = Numbers(x, (nint)rows * inWidth);
        var matrix = Numbers(weight, (nint)outWidth * inWidth);
        var offset = NumbersOrNone(bias, outWidth);
        var output = Numbers(y, (nint)rows * outWidth);
        for (var row = 0; row < rows; row++)
        {
            for (var o = 0; o < outWidth; o++)
            {
                var sum = offset.IsEmpty ? 0 : offset[o];
                for (var i = 0; i < inWidth; i++)
                    sum += input[row * inWidth + i] * matrix[o * inWidth + i];
                output[row * outWidth + o] = sum;
            }
        }
    }

    /// <inheritdoc/>
    protected override void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth)
    {
        var outputGradient = Numbers(dy, (nint)rows * outWidth);
        var matrix = Numbers(weight, (nint)outWidth * inWidth);
        var inputGradient = Numbers(dx, (nint)rows * inWidth);
        BeginGradient(inputGradient, write);
        for (var row = 0; row < rows; row++)
        {
            for (var o = 0; o < outWidth; o++)
            {
                for (var i = 0; i < inWidth; i++)
                    inputGradient[row * inWidth + i] += outputGradient[row * outWidth + o] * matrix[o * inWidth + i];
            }
        }
    }

    /// <inheritdoc/>
    protected override void LinearBackwardWeight(
        Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth)
    {
        var input = Numbers(x, (nint)rows * inWidth);
        var outputGradient = Numbers(dy, (nint)rows * outWidth);
        var weightGradient = Numbers(dWeight, (nint)outWidth * inWidth);
        var biasGradient = NumbersOrNone(dBias, outWidth);
        BeginGradient(weightGradient, write);
        BeginGradient(biasGradient, write);
        for (var row = 0; row < rows; row++)
        {
            for (var o = 0; o < outWidth; o++)
            {
                var gradient = outputGradient[row * outWidth + o];
                if (!biasGradient.IsEmpty)
                    biasGradient[o] += gradient;
                for (var i = 0; i < inWidth; i++)
                    weightGradient[o * inWidth + i] += gradient * input[row * inWidth + i];
            }
        }
    }
}
