using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>x W: what a linear layer's weight does the other way round.</summary>
internal sealed class TransposedLinearOperator(Parameter weight) : Operator
{
    public override Call Forward(Node node) => new("TransposedLinear", [Of(node.Inputs[0]), Of(weight), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var x = node.Inputs[0];
        var dy = Of(tape.Upstream(node.Outputs[0]));
        var (dWeight, write) = tape.Target(weight);
        tape.Call("LinearBackwardWeight", dy, Of(x), dWeight, Of((Parameter?)null), write);
        tape.Call("Linear", dy, Of(weight), Of((Parameter?)null), tape.WriteTarget(x));
    }
}

internal static class TransposedLinearBuilder
{
    /// <summary>x W, a row for each of x's: the weight is [x's width, the result's].</summary>
    public static Value TransposedLinear(this GraphBuilder graph, string name, Value x, Parameter weight)
    {
        var y = graph.NewRows(name, x.Extent, weight.Columns!);
        graph.Add(new TransposedLinearOperator(weight), [x], [y]);
        return y;
    }
}
