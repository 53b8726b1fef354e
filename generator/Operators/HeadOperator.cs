using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// The output head in training: linear + softmax-cross-entropy in chunks of rows, whose backward call computes the losses too, so that the
/// logits are there once only.
/// </summary>
internal sealed class HeadLossOperator(Parameter weight, Parameter? bias, LossInputs inputs) : Operator
{
    public const string Method = "HeadLoss";

    private static readonly MemberOperand Smoothing = new("LabelSmoothing");

    public override Call Forward(Node node) =>
        new(Method, [Of(node.Inputs[0]), Of(weight), Of(bias), Of(inputs.Targets), Of(node.Outputs[0]), Of(inputs.Losses), Smoothing]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dx = tape.WriteTarget(node.Inputs[0]);
        var (dWeight, write) = tape.Target(weight);
        tape.Call(
            "HeadLossBackward", Of(node.Inputs[0]), Of(weight), Of(bias), Of(inputs.Targets), Of(inputs.Weights), Of(node.Outputs[0]),
            Of(inputs.Losses), dx, dWeight, tape.TargetOf(bias, write), write, Smoothing);
    }
}

/// <summary>The output head in inference: the logits.</summary>
internal sealed class HeadLogitsOperator(Parameter weight, Parameter? bias) : Operator
{
    public override Call Forward(Node node) => new("HeadLogits", [Of(node.Inputs[0]), Of(weight), Of(bias), Of(node.Outputs[0])]);
}

/// <summary>What the host gives to a loss, and reads from it.</summary>
/// <param name="Targets">What each row should be: a token, a label or a grade.</param>
/// <param name="Weights">How much its loss counts.</param>
/// <param name="Losses">The losses.</param>
internal sealed record LossInputs(GraphInput Targets, GraphInput Weights, GraphInput Losses)
{
    /// <summary>One a row, of next tokens.</summary>
    public static readonly LossInputs OfRows = new(
        new("Targets", InputKind.Integers, Extent.Row, "Targets, one a row."),
        new("Weights", InputKind.Statistics, Extent.Row, "Weights of the losses, one a row."),
        new("Losses", InputKind.Statistics, Extent.Row, "Losses, one a row."));

    /// <summary>The same of rows that are read forward and of rows that are read backward.</summary>
    public static readonly LossInputs OfDirectedRows = new(
        OfRows.Targets with { Extent = Extent.DirectedRow }, OfRows.Weights with { Extent = Extent.DirectedRow },
        OfRows.Losses with { Extent = Extent.DirectedRow });
}

internal static class HeadBuilder
{
    /// <summary>Ends the graph: losses where it is differentiated, otherwise logits.</summary>
    public static void Head(this GraphBuilder graph, Value hidden, Parameter weight, Parameter? bias, LossInputs inputs)
    {
        var logits = graph.NewLogits("Logits", weight.Rows);
        graph.End(graph.IsDifferentiated ? new HeadLossOperator(weight, bias, inputs) : new HeadLogitsOperator(weight, bias), [hidden], [logits]);
    }
}
