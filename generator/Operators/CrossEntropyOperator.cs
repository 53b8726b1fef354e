using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Softmax-cross-entropy of a few classes: a loss of its own, whose backward call computes the losses too.</summary>
internal sealed class CrossEntropyOperator(LossInputs inputs) : Operator
{
    public override Call Forward(Node node) => new("CrossEntropy", [Of(node.Inputs[0]), Of(inputs.Targets), Of(inputs.Losses)]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        tape.Call(
            "CrossEntropyBackward", Of(node.Inputs[0]), Of(inputs.Targets), Of(inputs.Weights), Of(inputs.Losses),
            tape.WriteTarget(node.Inputs[0]));
    }
}

internal static class CrossEntropyBuilder
{
    /// <summary>Ends the graph: one loss an example, over the scores of its classes.</summary>
    public static void CrossEntropy(this GraphBuilder graph, Value scores, LossInputs inputs) =>
        graph.End(new CrossEntropyOperator(inputs), [scores], []);
}
