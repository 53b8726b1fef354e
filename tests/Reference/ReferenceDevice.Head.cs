namespace GptGen.Reference;

/// <content>Padding rows of the table count for nothing: their logits are set to zero, and a written gradient is zero there.</content>
public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void HeadLogits(Location x, Location weight, Location logits, in HeadShape shape)
    {
        var input = Numbers(x, (nint)shape.Rows * shape.Width);
        var table = Numbers(weight, (nint)shape.Vocabulary * shape.Width);
        var output = Numbers(logits, (nint)shape.Rows * shape.Stride);
        output.Clear();
        for (var row = 0; row < shape.Rows; row++)
            Logits(input.Slice(row * shape.Width, shape.Width), table, output.Slice(row * shape.Stride, shape.Vocabulary));
    }

    /// <inheritdoc/>
    protected override void HeadLoss(Location x, Location weight, Location targets, Location logits, Location losses, in HeadShape shape)
    {
        var input = Numbers(x, (nint)shape.Rows * shape.Width);
        var table = Numbers(weight, (nint)shape.Vocabulary * shape.Width);
        var targetIds = Integers(targets, shape.Rows);
        var rowLosses = Numbers(losses, shape.Rows);
        var scores = Numbers(logits, shape.Vocabulary);
        for (var row = 0; row < shape.Rows; row++)
        {
            Logits(input.Slice(row * shape.Width, shape.Width), table, scores);
            rowLosses[row] = targetIds[row] == IgnoredTarget ? 0 : LogSumExp(scores) - scores[targetIds[row]];
        }
    }

    /// <inheritdoc/>
    protected override void HeadLossBackward(
        Location x, Location weight, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, GradientWrite weightWrite, in HeadShape shape)
    {
        HeadLoss(x, weight, targets, logits, losses, shape);
        var width = shape.Width;
        var input = Numbers(x, (nint)shape.Rows * width);
        var table = Numbers(weight, (nint)shape.Vocabulary * width);
        var targetIds = Integers(targets, shape.Rows);
        var rowWeights = Numbers(weights, shape.Rows);
        var scores = Numbers(logits, shape.Vocabulary);
        var inputGradient = Numbers(dx, (nint)shape.Rows * width);
        var tableGradient = Numbers(dWeight, (nint)shape.Stride * width);
        inputGradient.Clear();
        BeginGradient(tableGradient, weightWrite);
        for (var row = 0; row < shape.Rows; row++)
        {
            if (targetIds[row] == IgnoredTarget)
                continue;
            Logits(input.Slice(row * width, width), table, scores);
            var logSumExp = LogSumExp(scores);
            for (var v = 0; v < shape.Vocabulary; v++)
            {
                var gradient = rowWeights[row] * (Math.Exp(scores[v] - logSumExp) - (v == targetIds[row] ? 1 : 0));
                for (var i = 0; i < width; i++)
                {
                    inputGradient[row * width + i] += gradient * table[v * width + i];
                    tableGradient[v * width + i] += gradient * input[row * width + i];
                }
            }
        }
    }

    private static void Logits(ReadOnlySpan<double> input, ReadOnlySpan<double> table, Span<double> logits)
    {
        for (var v = 0; v < logits.Length; v++)
        {
            logits[v] = 0;
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
