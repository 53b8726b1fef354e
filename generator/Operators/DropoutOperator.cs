using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Elements dropped in training, the others scaled up.</summary>
internal sealed class DropoutOperator(DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) => new("Dropout", [Of(node.Inputs[0]), dropout, Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape) =>
        tape.BranchBackward(node.Inputs[0], tape.Upstream(node.Outputs[0]), dropout);
}

internal static class DropoutBuilder
{
    /// <summary>dropout(x).</summary>
    public static Value Dropout(this GraphBuilder graph, string name, Value x)
    {
        var y = graph.NewRows(name, x.Width!, x.IsConstant);
        graph.Add(new DropoutOperator(graph.NextDropout()), [x], [y]);
        return y;
    }
}
