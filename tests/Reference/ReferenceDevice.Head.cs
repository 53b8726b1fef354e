namespace GptGen.Reference;

/// <content>Padding rows of the table count for nothing: their logits are set to zero, and a written gradient is zero there.</content>
public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape)
    {
        var input = Numbers(x, (nint)shape.Rows * shape.Width);
        var table = Numbers(weight, (nint)shape.Vocabulary * shape.Width);
        var addends = NumbersOrNone(bias, shape.Vocabulary);
        var output = Numbers(logits, (nint)shape.Rows * shape.Stride);
        output.Clear();
        for (var row = 0; row < shape.Rows; row++)
            Logits(input.Slice(row * shape.Width, shape.Width), table, addends, output.Slice(row * shape.Stride, shape.Vocabulary));
    }

    /// <inheritdoc/>
    protected override void HeadLoss(
        Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape)
    {
        var input = Numbers(x, (nint)shape.Rows * shape.Width);
        var table = Numbers(weight, (nint)shape.Vocabulary * shape.Width);
        var addends = NumbersOrNone(bias, shape.Vocabulary);
        var targetIds = Integers(targets, shape.Rows);
        var rowLosses = Numbers(losses, shape.Rows);
        var scores = Numbers(logits, shape.Vocabulary);
        for (var row = 0; row < shape.Rows; row++)
        {
            Logits(input.Slice(row * shape.Width, shape.Width), table, addends, scores);
            rowLosses[row] = 0;
            if (targetIds[row] == IgnoredTarget)
                continue;
            var logSumExp = LogSumExp(scores);
            for (var v = 0; v < shape.Vocabulary; v++)
                rowLosses[row] += Goal(v, targetIds[row], smoothing, shape) * (logSumExp - scores[v]);
        }
    }

    /// <inheritdoc/>
    protected override void HeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape)
    {
        HeadLoss(x, weight, bias, targets, logits, losses, smoothing, shape);
        var width = shape.Width;
        var input = Numbers(x, (nint)shape.Rows * width);
        var table = Numbers(weight, (nint)shape.Vocabulary * width);
        var addends = NumbersOrNone(bias, shape.Vocabulary);
        var targetIds = Integers(targets, shape.Rows);
        var rowWeights = Numbers(weights, shape.Rows);
        var scores = Numbers(logits, shape.Vocabulary);
        var inputGradient = Numbers(dx, (nint)shape.Rows * width);
        var tableGradient = Numbers(dWeight, (nint)shape.Stride * width);
        inputGradient.Clear();
        BeginGradient(tableGradient, weightWrite);
        var biasGradient = NumbersOrNone(dBias, shape.Stride);
        BeginGradient(biasGradient, weightWrite);
        for (var row = 0; row < shape.Rows; row++)
        {
            if (targetIds[row] == IgnoredTarget)
                continue;
            Logits(input.Slice(row * width, width), table, addends, scores);
            var logSumExp = LogSumExp(scores);
            for (var v = 0; v < shape.Vocabulary; v++)
            {
                var gradient = rowWeights[row] * (Math.Exp(scores[v] - logSumExp) - Goal(v, targetIds[row], smoothing, shape));
                if (!biasGradient.IsEmpty)
                    biasGradient[v] += gradient;
                for (var i = 0; i < width; i++)
                {
                    inputGradient[row * width + i] += gradient * table[v * width + i];
                    tableGradient[v * width + i] += gradient * input[row * width + i];
                }
            }
        }
    }

    /// <summary>The probability that a token should have.</summary>
    private static double Goal(int token, int target, double smoothing, in HeadShape shape) =>
        smoothing / shape.Vocabulary + (token == target ? 1 - smoothing : 0);

    private static void Logits(ReadOnlySpan<double> input, ReadOnlySpan<double> table, ReadOnlySpan<double> bias, Span<double> logits)
    {
        for (var v = 0; v < logits.Length; v++)
        {
            logits[v] = bias.IsEmpty ? 0 : bias[v];
            for (var i = 0; i < input.Length; i++)
                logits[v] += input[i] * table[v * input.Length + i];
        }
    }

    private static double LogSumExp(ReadOnlySpan<double> values)
    {
        var largest = double.NegativeInfinity;
        foreach (var value in values)
            largest = Math.Max(largest, value);
        var sum = 0.0;
        foreach (var value in values)
            sum += Math.Exp(value - largest);
        return largest + Math.Log(sum);
    }
}
