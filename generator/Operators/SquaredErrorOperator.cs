using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Squared error of one score an example: a loss of its own, whose backward call computes the losses too.</summary>
internal sealed class SquaredErrorOperator(LossInputs inputs) : Operator
{
    public override Call Forward(Node node) => new("SquaredError", [Of(node.Inputs[0]), Of(inputs.Targets), Of(inputs.Losses)]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        tape.Call(
            "SquaredErrorBackward", Of(node.Inputs[0]), Of(inputs.Targets), Of(inputs.Weights), Of(inputs.Losses),
            tape.WriteTarget(node.Inputs[0]));
    }
}

internal static class SquaredErrorBuilder
{
    /// <summary>Ends the graph: one loss an example, of its single score.</summary>
    public static void SquaredError(this GraphBuilder graph, Value scores, LossInputs inputs) =>
        graph.End(new SquaredErrorOperator(inputs), [scores], []);
}
