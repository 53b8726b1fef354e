using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>residual + dropout(x W^T + b).</summary>
internal sealed class LinearResidualOperator(Value branch, Parameter weight, Parameter? bias, DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) =>
        new("LinearResidual", [Of(node.Inputs[1]), Of(weight), Of(bias), Of(node.Inputs[0]), dropout, Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dSum = tape.Upstream(node.Outputs[0]);
        tape.Alias(node.Inputs[0], dSum);
        LinearBuilder.Backward(tape, node.Inputs[1], DropoutBuilder.Backward(tape, branch, dSum, dropout), weight, bias);
    }
}

internal static class LinearResidualBuilder
{
    /// <summary>residual + dropout(x W^T + b), a row for each of x's.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Name of the sum.</param>
    /// <param name="branchName">Name of what is added, which has no memory of its own but perhaps a gradient.</param>
    /// <param name="residual">What it is added to.</param>
    /// <param name="x">The rows.</param>
    /// <param name="weight">W.</param>
    /// <param name="bias">b, which may be absent.</param>
    public static Value LinearResidual(
        this GraphBuilder graph, string name, string branchName, Value residual, Value x, Parameter weight, Parameter? bias)
    {
        var y = graph.NewRows(name, residual.Width!);
        var branch = graph.NewRows(branchName, residual.Width!);
        graph.Add(new LinearResidualOperator(branch, weight, bias, graph.NextDropout()), [residual, x], [y]);
        return y;
    }
}
