using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// Softmax-cross-entropy over each sequence's positions, by each column of scores: a loss of its own, as <see cref="CrossEntropyOperator"/>.
/// </summary>
internal sealed class PositionCrossEntropyOperator(LossInputs inputs) : Operator
{
    public override Call Forward(Node node) =>
        new("PositionCrossEntropy", [Of(node.Inputs[0]), Of(GraphInput.Lengths), Of(inputs.Targets), Of(inputs.Losses)]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        tape.Call(
            "PositionCrossEntropyBackward", Of(node.Inputs[0]), Of(GraphInput.Lengths), Of(inputs.Targets), Of(inputs.Weights), Of(inputs.Losses),
            tape.WriteTarget(node.Inputs[0]));
    }
}

internal static class PositionCrossEntropyBuilder
{
    /// <summary>Ends the graph: one loss a sequence and column of scores, over the sequence's positions.</summary>
    public static void PositionCrossEntropy(this GraphBuilder graph, Value scores, LossInputs inputs) =>
        graph.End(new PositionCrossEntropyOperator(inputs), [scores], []);
}
