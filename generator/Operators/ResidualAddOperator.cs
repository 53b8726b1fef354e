using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>residual + dropout(branch).</summary>
internal sealed class ResidualAddOperator(DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) => new("ResidualAdd", [Of(node.Inputs[0]), Of(node.Inputs[1]), dropout, Out(node, 0)]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dy = tape.Upstream(node.Outputs[0]);
        tape.Alias(node.Inputs[0], dy);
        tape.BranchBackward(node.Inputs[1], dy, dropout);
    }
}

internal static class ResidualAddBuilder
{
    /// <summary>residual + dropout(branch).</summary>
    public static Value ResidualAdd(this GraphBuilder graph, string name, Value residual, Value branch)
    {
        var y = graph.NewRows(name, residual.Width!);
        graph.Add(new ResidualAddOperator(new(graph.NextSite(), graph.InLayer)), [residual, branch], [y]);
        return y;
    }

    /// <summary>
    /// A branch's gradient is the sum's, masked: memory of its own when something is dropped, otherwise the sum's itself, as the call decides at run time.
    /// </summary>
    internal static void BranchBackward(this GradientTape tape, Value branch, Value dSum, DropoutOperand dropout)
    {
        var memory = tape.NewGradient(branch);
        var gradient = tape.NewGradient(branch);
        gradient.Backing = [dSum, memory];
        tape.Call(gradient, "DropoutBackward", new ValueOperand(dSum), dropout, new ValueOperand(memory));
        tape.Alias(branch, gradient);
    }
}
