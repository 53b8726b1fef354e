using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>What a layer computes and, in every layer above a loop's first, what it reads.</summary>
internal sealed class SkipOperator : Operator
{
    public override IReadOnlyList<Call> Calls(Node node) =>
    [
        new("Accumulate", [Of(node.Inputs[1]), Of(node.Outputs[0]), new WriteOperand(GradientWriting.Overwrite)]),
        new("Accumulate", [Of(node.Inputs[0]), Of(node.Outputs[0]), new WriteOperand(GradientWriting.Add)]) { IsAboveFirst = true },
    ];

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dSum = tape.Upstream(node.Outputs[0]);
        tape.Alias(node.Inputs[1], dSum);
        if (node.Inputs[0].IsConstant)
            return;
        var (dx, write) = tape.Target(node.Inputs[0]);
        if (write.Writing == GradientWriting.Overwrite)
            tape.Call("Clear", dx);
        tape.CallAboveFirst("Accumulate", Of(dSum), dx, new WriteOperand(GradientWriting.Add));
    }
}

internal static class SkipBuilder
{
    /// <summary>x + branch in a loop's layers above the first, whose result is the branch alone.</summary>
    public static Value Skip(this GraphBuilder graph, string name, Value x, Value branch)
    {
        var y = graph.NewRows(name, x.Width!, x.IsConstant && branch.IsConstant);
        graph.Add(new SkipOperator(), [x, branch], [y]);
        return y;
    }
}
