using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// The output head in training: linear + softmax-cross-entropy in chunks of rows, whose backward call computes the losses too, so that the
/// logits are there once only. With samples the gradients are those of the loss among them; the losses alone, which evaluate, stay those among all.
/// </summary>
internal sealed class HeadLossOperator(Parameter weight, Parameter? bias, LossInputs inputs, SampleInputs? samples = null) : Operator
{
    public const string Method = "HeadLoss";

    private static readonly MemberOperand Smoothing = new("LabelSmoothing");

    public override Call Forward(Node node) =>
        new(Method, [Of(node.Inputs[0]), Of(weight), Of(bias), Of(inputs.Targets), Of(node.Outputs[0]), Of(inputs.Losses), Smoothing]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dx = tape.WriteTarget(node.Inputs[0]);
        var (dWeight, write) = tape.Target(weight);
        if (samples is not null)
        {
            tape.Call(
                "SampledHeadLossBackward", Of(node.Inputs[0]), Of(weight), Of(bias), Of(inputs.Targets), Of(inputs.Weights), Of(samples.Tokens),
                Of(samples.Logs), Of(samples.TargetLogs), Of(inputs.Losses), dx, dWeight, tape.TargetOf(bias, write), write);
            return;
        }

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

/// <summary>The tokens that a loss is made among, which the host draws for each pass.</summary>
/// <param name="Tokens">The tokens, the same for all rows.</param>
/// <param name="Logs">The logarithm of how often each is expected.</param>
/// <param name="TargetLogs">The same of each row's target.</param>
internal sealed record SampleInputs(GraphInput Tokens, GraphInput Logs, GraphInput TargetLogs)
{
    /// <summary>So many tokens, for a loss of some rows.</summary>
    public static SampleInputs Of(int count, LossInputs inputs) => new(
        new("Samples", InputKind.Integers, Extent.Once, "Tokens that the loss is made among, beside each row's target.", count),
        new("SampleLogs", InputKind.Statistics, Extent.Once, "The logarithm of how often each sample is expected.", count),
        new("TargetLogs", InputKind.Statistics, inputs.Targets.Extent, "The logarithm of how often a row's target is expected among the samples."));
}

internal static class HeadBuilder
{
    /// <summary>Ends the graph: losses where it is differentiated, otherwise logits.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="hidden">The final states.</param>
    /// <param name="weight">A row for each token.</param>
    /// <param name="bias">A number for each token, or null.</param>
    /// <param name="inputs">What the host gives to the loss, and reads from it.</param>
    /// <param name="samples">The tokens that gradients are made among; null for all.</param>
    public static void Head(
        this GraphBuilder graph, Value hidden, Parameter weight, Parameter? bias, LossInputs inputs, SampleInputs? samples = null)
    {
        var logits = graph.NewLogits("Logits", weight.Rows);
        Operator end = !graph.IsDifferentiated ? new HeadLogitsOperator(weight, bias)
            : new HeadLossOperator(weight, bias, inputs, samples);
        graph.End(end, [hidden], [logits]);
    }
}
