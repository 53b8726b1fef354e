using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Some rows, picked by an input.</summary>
internal sealed class GatherOperator(GraphInput indices) : Operator
{
    public override Call Forward(Node node) => new("Gather", [Of(node.Inputs[0]), Of(indices), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (dx, write) = tape.Target(node.Inputs[0]);
        tape.Call("GatherBackward", Of(tape.Upstream(node.Outputs[0])), Of(indices), dx, write);
    }
}

internal static class GatherBuilder
{
    /// <summary>The rows of <paramref name="x"/> that <paramref name="indices"/> pick; what follows has one row for each of them.</summary>
    public static Value Gather(this GraphBuilder graph, string name, Value x, GraphInput indices)
    {
        graph.Extent = indices.Extent;
        var y = graph.NewRows(name, x.Width!);
        graph.Add(new GatherOperator(indices), [x], [y]);
        return y;
    }
}
