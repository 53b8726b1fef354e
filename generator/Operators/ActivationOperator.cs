using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Operators;

/// <summary>The MLP's activation function, element by element.</summary>
internal sealed class ActivationOperator(ActivationKind activation) : Operator
{
    private TextOperand Kind => Of($"global::GptGen.Activation.{activation}");

    public override Call Forward(Node node) => new("Activate", [Kind, Of(node.Inputs[0]), Out(node, 0)]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dy = tape.Upstream(node.Outputs[0]);
        var (dx, write) = tape.Target(node.Inputs[0], reuse: dy);
        if (write.Writing != GradientWriting.Overwrite)
            throw new InvalidOperationException($"{node.Inputs[0].Name} is read by its activation function only.");
        tape.Call("ActivateBackward", Kind, Of(node.Inputs[0]), Of(dy), dx);
    }
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
