using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>x W^T + b.</summary>
internal sealed class LinearOperator(Parameter weight, Parameter? bias) : Operator
{
    public override Call Forward(Node node) => new("Linear", [Of(node.Inputs[0]), Of(weight), Of(bias), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape) =>
        LinearBuilder.Backward(tape, node.Inputs[0], tape.Upstream(node.Outputs[0]), weight, bias);
}

internal static class LinearBuilder
{
    /// <summary>x W^T + b, a row for each of x's.</summary>
    public static Value Linear(this GraphBuilder graph, string name, Value x, Parameter weight, Parameter? bias)
    {
        var y = graph.NewRows(name, x.Extent, weight.Rows, x.IsConstant && weight.IsFrozen);
        graph.Add(new LinearOperator(weight, bias), [x], [y]);
        return y;
    }

    /// <summary>
    /// The gradients of x W^T + b. Where x is an activation that nothing else reads, the product goes back through it: it writes the gradient of what
    /// the activation is of, and x itself gets none.
    /// </summary>
    internal static void Backward(GradientTape tape, Value x, Value dy, Parameter weight, Parameter? bias)
    {
        var gradient = new ValueOperand(dy);
        var (dWeight, weightWrite) = tape.Target(weight);
        tape.Call("LinearBackwardWeight", new ValueOperand(x), gradient, dWeight, tape.TargetOf(bias, weightWrite), weightWrite);
        if (x.IsConstant)
            return;
        if (x is { ActivationOf: var (before, activation), Readers: 1 })
        {
            tape.Call(
                "LinearBackwardActivation", gradient, new ParameterOperand(weight), new ActivationOperand(activation), new ValueOperand(before),
                tape.WriteTarget(before));
            return;
        }

        var (dx, inputWrite) = tape.Target(x);
        tape.Call("LinearBackwardInput", gradient, new ParameterOperand(weight), dx, inputWrite);
    }
}
