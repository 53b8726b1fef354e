using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Operators;

/// <summary>f(x W^T + b); training keeps what the activation is of.</summary>
internal sealed class LinearActivationOperator(Parameter weight, Parameter? bias, ActivationKind activation) : Operator
{
    private ActivationOperand Kind => new(activation);

    public override Call Forward(Node node) => new(
        "LinearActivation",
        [
            Of(node.Inputs[0]), Of(weight), Of(bias), Kind, node.Outputs.Count > 1 ? Of(node.Outputs[1]) : new AbsentOperand(), Of(node.Outputs[0]),
        ]);

    public override (RecomputationKind From, Call Call)? Recompute(Node node, Value again) =>
        node.Outputs.Count > 1 ? (RecomputationKind.Activations, new("Activate", [Kind, Of(node.Outputs[1]), Of(again)])) : null;

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (y, before) = (node.Outputs[0], node.Outputs[1]);
        // The layer that reads y may have given the gradient before the activation already.
        if (tape.TryUpstream(before) is not { } dBefore)
        {
            var dy = tape.Upstream(y);
            dBefore = tape.UpstreamTarget(before, reuse: dy).Gradient.Value;
            tape.Call("ActivateBackward", Kind, Of(before), Of(dy), Of(dBefore));
        }

        LinearBuilder.Backward(tape, node.Inputs[0], dBefore, weight, bias);
    }
}

internal static class LinearActivationBuilder
{
    /// <summary>f(x W^T + b), a row for each of x's.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Name of the result.</param>
    /// <param name="beforeName">Name of what the activation is of, which training keeps.</param>
    /// <param name="x">The rows.</param>
    /// <param name="weight">W.</param>
    /// <param name="bias">b, which may be absent.</param>
    /// <param name="activation">f.</param>
    public static Value LinearActivation(
        this GraphBuilder graph, string name, string beforeName, Value x, Parameter weight, Parameter? bias, ActivationKind activation)
    {
        var isConstant = x.IsConstant && weight.IsFrozen;
        var before = graph.IsDifferentiated && !isConstant ? graph.NewRows(beforeName, x.Extent, weight.Rows) : null;
        var y = graph.NewRows(name, x.Extent, weight.Rows, isConstant);
        y.ActivationOf = before is null ? null : (before, activation);
        graph.Add(new LinearActivationOperator(weight, bias, activation), [x], before is null ? [y] : [y, before]);
        return y;
    }
}
