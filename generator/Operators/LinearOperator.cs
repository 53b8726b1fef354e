using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>x W^T + b.</summary>
internal sealed class LinearOperator(Parameter weight, Parameter? bias) : Operator
{
    public override Call Forward(Node node) => new("Linear", [Of(node.Inputs[0]), Of(weight), Of(bias), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var x = node.Inputs[0];
        var dy = Of(tape.Upstream(node.Outputs[0]));
        var (dWeight, weightWrite) = tape.Target(weight);
        tape.Call("LinearBackwardWeight", Of(x), dy, dWeight, tape.TargetOf(bias, weightWrite), weightWrite);
        if (x.IsConstant)
            return;
        var (dx, inputWrite) = tape.Target(x);
        tape.Call("LinearBackwardInput", dy, Of(weight), dx, inputWrite);
    }
}

internal static class LinearBuilder
{
    /// <summary>x W^T + b, a row for each of x's.</summary>
    public static Value Linear(this GraphBuilder graph, string name, Value x, Parameter weight, Parameter? bias)
    {
        var y = Value.OfRows(name, x.Extent, weight.Rows, graph.CurrentLoop, x.IsConstant && weight.IsFrozen);
        graph.Add(new LinearOperator(weight, bias), [x], [y]);
        return y;
    }
}
