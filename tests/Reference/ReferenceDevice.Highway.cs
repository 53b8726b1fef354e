namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Highway(Location gates, Location x, Location y, int rows, int width)
    {
        var both = Numbers(gates, 2 * (nint)rows * width);
        var input = Numbers(x, (nint)rows * width);
        var output = Numbers(y, (nint)rows * width);
        for (var i = 0; i < output.Length; i++)
        {
            var at = 2 * (i / width) * width + i % width;
            var gate = Logistic(both[at + width]);
            output[i] = gate * Math.Max(both[at], 0) + (1 - gate) * input[i];
        }
    }

    /// <inheritdoc/>
    protected override void HighwayBackward(
        Location dy, Location gates, Location x, Location dGates, Location dx, GradientWrite inputWrite, int rows, int width)
    {
        // Copies, because the results may lie in the operands' places.
        var both = Numbers(gates, 2 * (nint)rows * width).ToArray();
        var outputGradient = Numbers(dy, (nint)rows * width).ToArray();
        var input = Numbers(x, (nint)rows * width);
        var bothGradients = Numbers(dGates, 2 * (nint)rows * width);
        var inputGradient = NumbersOrNone(dx, (nint)rows * width);
        BeginGradient(inputGradient, inputWrite);
        for (var i = 0; i < outputGradient.Length; i++)
        {
            var at = 2 * (i / width) * width + i % width;
            var gate = Logistic(both[at + width]);
            bothGradients[at] = both[at] > 0 ? outputGradient[i] * gate : 0;
            bothGradients[at + width] = outputGradient[i] * (Math.Max(both[at], 0) - input[i]) * gate * (1 - gate);
            if (!inputGradient.IsEmpty)
                inputGradient[i] += outputGradient[i] * (1 - gate);
        }
    }
}
