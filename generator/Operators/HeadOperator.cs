using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// The output head: in training, linear + softmax-cross-entropy in chunks of rows, whose backward call computes the losses too, so that the
/// logits are there once only; in inference, the logits.
/// </summary>
internal sealed class HeadOperator(Phase phase, Parameter weight) : Operator
{
    public override Call Forward(Node node) =>
        phase == Phase.Train
            ? new("HeadLoss", [Of(node.Inputs[0]), Of(weight), Of((Parameter?)null), Of("Targets"), Of(node.Outputs[0]), Of("Losses")])
            : new("HeadLogits", [Of(node.Inputs[0]), Of(weight), Of((Parameter?)null), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (dx, inputWrite) = tape.Target(node.Inputs[0]);
        if (inputWrite.Writing != GradientWriting.Overwrite)
            throw new InvalidOperationException($"The head's gradient of {node.Inputs[0].Name} is written, so the head must be differentiated first.");
        var (dWeight, write) = tape.Target(weight);
        tape.Call(
            "HeadLossBackward", Of(node.Inputs[0]), Of(weight), Of((Parameter?)null), Of("Targets"), Of("Weights"), Of(node.Outputs[0]), Of("Losses"), dx,
            dWeight, Of((Parameter?)null), write);
    }
}

internal static class HeadBuilder
{
    /// <summary>Ends the graph: losses in training, logits in inference.</summary>
    public static void Head(this GraphBuilder graph, Value hidden, Parameter weight)
    {
        var logits = Value.OfRows("Logits", Extent.LogitRow, weight.Rows, inLayer: false);
        graph.Logits = logits;
        graph.End(new HeadOperator(graph.Phase, weight), [hidden], [logits]);
    }
}
