using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>A highway layer behind its linear maps: a gate chooses between the transformed rows and the rows themselves.</summary>
internal sealed class HighwayOperator : Operator
{
    public override Call Forward(Node node) => new("Highway", [Of(node.Inputs[0]), Of(node.Inputs[1]), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (gates, x) = (node.Inputs[0], node.Inputs[1]);
        var dy = tape.Upstream(node.Outputs[0]);
        var dGates = tape.WriteTarget(gates);
        if (x.IsConstant)
        {
            tape.Call(
                "HighwayBackward", Of(dy), Of(gates), Of(x), dGates, new AbsentOperand(), new WriteOperand(GradientWriting.Overwrite));
            return;
        }

        var (dx, write) = tape.Target(x, reuse: dy);
        tape.Call("HighwayBackward", Of(dy), Of(gates), Of(x), dGates, dx, write);
    }
}

internal static class HighwayBuilder
{
    /// <summary>sigmoid(carry) x relu(transformed) + (1 - sigmoid(carry)) x.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The result's name.</param>
    /// <param name="gates">Two linear maps of x side by side, [transformed, carry]: one product of a matrix with twice x's width of rows.</param>
    /// <param name="x">The rows.</param>
    public static Value Highway(this GraphBuilder graph, string name, Value gates, Value x)
    {
        if (gates.Width != Dimension.Double(x.Width!))
            throw new InvalidOperationException($"{name} needs twice the columns of {x.Name} in {gates.Name}.");
        var y = graph.NewRows(name, x.Extent, x.Width!, x.IsConstant && gates.IsConstant);
        graph.Add(new HighwayOperator(), [gates, x], [y]);
        return y;
    }
}
