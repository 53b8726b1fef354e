using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Operators;

/// <summary>The MLP's activation function, element by element.</summary>
internal sealed class ActivationOperator(ActivationKind activation) : Operator
{
    private ActivationOperand Kind => new(activation);

    public override Call Forward(Node node) => Write(node, node.Outputs[0]);

    public override (RecomputationKind From, Call Call)? Recompute(Node node, Value again) => (RecomputationKind.Activations, Write(node, again));

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dy = tape.Upstream(node.Outputs[0]);
        tape.Call("ActivateBackward", Kind, Of(node.Inputs[0]), Of(dy), tape.WriteTarget(node.Inputs[0], reuse: dy));
    }

    private Call Write(Node node, Value y) => new("Activate", [Kind, Of(node.Inputs[0]), Of(y)]);
}

internal static class ActivationBuilder
{
    /// <summary>f(x), element by element.</summary>
    public static Value Activate(this GraphBuilder graph, string name, Value x, ActivationKind activation)
    {
        var y = graph.NewRows(name, x.Width!);
        graph.Add(new ActivationOperator(activation), [x], [y]);
        return y;
    }
}
