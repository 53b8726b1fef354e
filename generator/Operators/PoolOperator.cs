using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>The sum of some picked rows, then dropout.</summary>
internal sealed class PoolOperator(DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) => new("Pool", [Of(node.Inputs[0]), Of(ExampleInputs.PooledRows), dropout, Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (dx, write) = tape.Target(node.Inputs[0]);
        tape.Call("PoolBackward", Of(tape.Upstream(node.Outputs[0])), Of(ExampleInputs.PooledRows), dropout, dx, write);
    }
}

internal static class PoolBuilder
{
    /// <summary>One row for each group of picked rows: their sum, dropped out.</summary>
    public static Value Pool(this GraphBuilder graph, string name, Value x)
    {
        var y = graph.NewRows(name, x.Width!);
        graph.Add(new PoolOperator(graph.NextDropout()), [x], [y]);
        return y;
    }
}
