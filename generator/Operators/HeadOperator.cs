using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// The output head in training: linear + softmax-cross-entropy in chunks of rows, whose backward call computes the losses too, so that the
/// logits are there once only.
/// </summary>
internal sealed class HeadLossOperator(Parameter weight) : Operator
{
    public const string Method = "HeadLoss";

    private static readonly GraphInput Targets = new("Targets", InputKind.Integers, Extent.Row, "Targets, one a row.");
    private static readonly GraphInput Weights = new("Weights", InputKind.Statistics, Extent.Row, "Weights of the losses, one a row.");
    private static readonly GraphInput Losses = new("Losses", InputKind.Statistics, Extent.Row, "Losses, one a row.");

    public override Call Forward(Node node) =>
        new(Method, [Of(node.Inputs[0]), Of(weight), Of(Targets), Of(node.Outputs[0]), Of(Losses)]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dx = tape.WriteTarget(node.Inputs[0]);
        var (dWeight, write) = tape.Target(weight);
        tape.Call(
            "HeadLossBackward", Of(node.Inputs[0]), Of(weight), Of(Targets), Of(Weights), Of(node.Outputs[0]), Of(Losses), dx, dWeight, write);
    }
}

/// <summary>The output head in inference: the logits.</summary>
internal sealed class HeadLogitsOperator(Parameter weight) : Operator
{
    public override Call Forward(Node node) => new("HeadLogits", [Of(node.Inputs[0]), Of(weight), Of(node.Outputs[0])]);
}

internal static class HeadBuilder
{
    /// <summary>Ends the graph: losses in training, logits in inference.</summary>
    public static void Head(this GraphBuilder graph, Value hidden, Parameter weight)
    {
        var logits = Value.OfRows("Logits", Extent.LogitRow, weight.Rows, loop: null);
        graph.Logits = logits;
        graph.End(graph.IsDifferentiated ? new HeadLossOperator(weight) : new HeadLogitsOperator(weight), [hidden], [logits]);
    }
}
