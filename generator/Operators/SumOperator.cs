using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>The sum of two values; of a loop's layers perhaps only above the first, whose result is the second alone.</summary>
internal sealed class SumOperator(bool isAboveFirst) : Operator
{
    public override IReadOnlyList<Call> Calls(Node node) =>
    [
        new("Accumulate", [Of(node.Inputs[1]), Of(node.Outputs[0]), new WriteOperand(GradientWriting.Overwrite)]),
        new("Accumulate", [Of(node.Inputs[0]), Of(node.Outputs[0]), new WriteOperand(GradientWriting.Add)]) { IsAboveFirst = isAboveFirst },
    ];

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dSum = tape.Upstream(node.Outputs[0]);
        tape.Alias(node.Inputs[1], dSum);
        if (node.Inputs[0].IsConstant)
            return;
        if (!isAboveFirst)
        {
            tape.Alias(node.Inputs[0], dSum);
            return;
        }

        var (dx, write) = tape.Target(node.Inputs[0]);
        if (write.Writing == GradientWriting.Overwrite)
            tape.Call("Clear", dx);
        tape.CallAboveFirst("Accumulate", Of(dSum), dx, new WriteOperand(GradientWriting.Add));
    }
}

internal static class SumBuilder
{
    /// <summary>a + b.</summary>
    public static Value Sum(this GraphBuilder graph, string name, Value a, Value b) => graph.Sum(name, a, b, isAboveFirst: false);

    /// <summary>x + branch in a loop's layers above the first, whose result is the branch alone.</summary>
    public static Value Skip(this GraphBuilder graph, string name, Value x, Value branch) => graph.Sum(name, x, branch, isAboveFirst: true);

    private static Value Sum(this GraphBuilder graph, string name, Value a, Value b, bool isAboveFirst)
    {
        var y = graph.NewRows(name, a.Extent, a.Width!, a.IsConstant && b.IsConstant);
        graph.Add(new SumOperator(isAboveFirst), [a, b], [y]);
        return y;
    }
}
