using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Operators;

/// <summary>LayerNorm; training keeps each row's mean and reciprocal deviation.</summary>
internal sealed class LayerNormOperator(Parameter gain, Parameter? bias, float epsilon) : Operator
{
    public override Call Forward(Node node) => Write(node, node.Outputs[0]);

    /// <remarks>It writes the row statistics once more, with the same bits.</remarks>
    public override (RecomputationKind From, Call Call)? Recompute(Node node, Value again) =>
        (RecomputationKind.ActivationsAndLayerNorms, Write(node, again));

    public override void Differentiate(Node node, GradientTape tape)
    {
        var x = node.Inputs[0];
        var dy = tape.Upstream(node.Outputs[0]);
        // What layers hand on has memory under its own name.
        var (dx, inputWrite) = tape.Target(x, reuse: x.CarriedBy is null ? dy : null);
        var (dGain, parameterWrite) = tape.Target(gain);
        tape.Call(
            "LayerNormBackward",
            [Of(dy), Of(x), Of(gain), .. Statistics(node), dx, inputWrite, dGain, tape.TargetOf(bias, parameterWrite), parameterWrite]);
    }

    private Call Write(Node node, Value y) =>
        new("LayerNorm", [Of(node.Inputs[0]), Of(gain), Of(bias), Of(epsilon), Of(y), .. Statistics(node)]);

    private static IEnumerable<Operand> Statistics(Node node) =>
        node.Outputs.Count > 1 ? [Of(node.Outputs[1]), Of(node.Outputs[2])] : [new AbsentOperand(), new AbsentOperand()];
}

internal static class LayerNormBuilder
{
    /// <summary>The normalised rows.</summary>
    public static Value LayerNorm(this GraphBuilder graph, string name, Value x, Parameter gain, Parameter? bias, float epsilon)
    {
        var y = graph.NewRows(name, x.Width!);
        graph.Add(new LayerNormOperator(gain, bias, epsilon), [x], [y, .. Statistics(graph, name)]);
        return y;
    }

    private static Value[] Statistics(GraphBuilder graph, string name) =>
        graph.IsDifferentiated ? [graph.NewStatistics(name + "Mean", 1), graph.NewStatistics(name + "ReciprocalDeviation", 1)] : [];
}
