using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>residual + dropout(branch).</summary>
internal sealed class ResidualAddOperator(DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) => new("ResidualAdd", [Of(node.Inputs[0]), Of(node.Inputs[1]), dropout, Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape) =>
        ResidualAddBuilder.Backward(tape, node.Inputs[0], node.Inputs[1], tape.Upstream(node.Outputs[0]), dropout);
}

internal static class ResidualAddBuilder
{
    /// <summary>residual + dropout(branch).</summary>
    public static Value ResidualAdd(this GraphBuilder graph, string name, Value residual, Value branch)
    {
        var y = graph.NewRows(name, residual.Width!);
        graph.Add(new ResidualAddOperator(graph.NextDropout()), [residual, branch], [y]);
        return y;
    }

    /// <summary>The gradients of a sum's parts.</summary>
    internal static void Backward(GradientTape tape, Value residual, Value branch, Value dSum, DropoutOperand dropout)
    {
        tape.Alias(residual, dSum);
        tape.BranchBackward(branch, dSum, dropout);
    }

    /// <summary>
    /// A branch's gradient is the sum's, masked: memory of its own when something is dropped, otherwise the sum's itself, as the call decides at run
    /// time.
    /// </summary>
    internal static void BranchBackward(this GradientTape tape, Value branch, Value dSum, DropoutOperand dropout)
    {
        var memory = tape.NewGradient(branch);
        var gradient = GradientTape.Either(dSum, memory);
        tape.Call(gradient, "DropoutBackward", new ValueOperand(dSum), dropout, new ValueOperand(memory));
        tape.Alias(branch, gradient);
    }
}
