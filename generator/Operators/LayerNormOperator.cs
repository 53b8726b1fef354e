using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>LayerNorm; training keeps each row's mean and reciprocal deviation.</summary>
internal sealed class LayerNormOperator(Parameter gain, Parameter? bias, float epsilon) : Operator
{
    public override Call Forward(Node node) =>
        new("LayerNorm", [Of(node.Inputs[0]), Of(gain), Of(bias), Of(epsilon), Of(node.Outputs[0]), .. LayerNormBuilder.Statistics(node, 1)]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var x = node.Inputs[0];
        var dy = tape.Upstream(node.Outputs[0]);
        var (dx, inputWrite) = tape.Target(x);
        LayerNormBuilder.Backward(tape, node, dy, x, firstStatistic: 1, dx, inputWrite, gain, bias);
    }
}

/// <summary>
/// sum = residual + dropout(branch) and LayerNorm(sum), fused: two outputs, of which the sum may go on as the residual stream.
/// </summary>
internal sealed class ResidualLayerNormOperator(Parameter gain, Parameter? bias, float epsilon, DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) =>
        new(
            "ResidualLayerNorm",
            [
                Of(node.Inputs[0]), Of(node.Inputs[1]), dropout, Of(gain), Of(bias), Of(epsilon), Of(node.Outputs[0]), Of(node.Outputs[1]),
                .. LayerNormBuilder.Statistics(node, 2),
            ]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (residual, branch, sum) = (node.Inputs[0], node.Inputs[1], node.Outputs[0]);
        if (tape.TryUpstream(node.Outputs[1]) is not { } dy)
        {
            ResidualAddBuilder.Backward(tape, residual, branch, tape.Upstream(sum), dropout);
            return;
        }

        // LayerNorm's part is added to what came back through the sum, and the whole is the residual's gradient.
        var (dSum, write) = tape.UpstreamTarget(sum, reuse: dy);
        LayerNormBuilder.Backward(tape, node, dy, sum, firstStatistic: 2, dSum, write, gain, bias);
        tape.Alias(residual, dSum.Value);
        tape.BranchBackward(branch, dSum.Value, dropout);
    }
}

internal static class LayerNormBuilder
{
    /// <summary>The normalised rows.</summary>
    public static Value LayerNorm(this GraphBuilder graph, string name, Value x, Parameter gain, Parameter? bias, float epsilon)
    {
        var y = graph.NewRows(name, x.Width!);
        graph.Add(new LayerNormOperator(gain, bias, epsilon), [x], [y, .. Statistics(graph, name)]);
        return y;
    }

    /// <summary>The sum residual + dropout(branch), and the same normalised.</summary>
    public static (Value Sum, Value Normalized) ResidualLayerNorm(
        this GraphBuilder graph, string sumName, string name, Value residual, Value branch, Parameter gain, Parameter? bias, float epsilon)
    {
        var sum = graph.NewRows(sumName, residual.Width!);
        var y = graph.NewRows(name, residual.Width!);
        var dropout = graph.NextDropout();
        graph.Add(new ResidualLayerNormOperator(gain, bias, epsilon, dropout), [residual, branch], [sum, y, .. Statistics(graph, name)]);
        return (sum, y);
    }

    internal static IEnumerable<Operand> Statistics(Node node, int first) =>
        node.Outputs.Count > first
            ? [new ValueOperand(node.Outputs[first]), new ValueOperand(node.Outputs[first + 1])]
            : [new AbsentOperand(), new AbsentOperand()];

    internal static void Backward(
        GradientTape tape, Node node, Value dy, Value x, int firstStatistic, ValueOperand dx, WriteOperand inputWrite, Parameter gain,
        Parameter? bias)
    {
        var (dGain, parameterWrite) = tape.Target(gain);
        tape.Call(
            "LayerNormBackward",
            [
                new ValueOperand(dy), new ValueOperand(x), new ParameterOperand(gain), .. Statistics(node, firstStatistic), dx, inputWrite,
                dGain, tape.TargetOf(bias, parameterWrite), parameterWrite,
            ]);
    }

    private static Value[] Statistics(GraphBuilder graph, string name) =>
        graph.IsDifferentiated ? [graph.NewStatistics(name + "Mean", 1), graph.NewStatistics(name + "ReciprocalDeviation", 1)] : [];
}
