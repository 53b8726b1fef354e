using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Elements dropped in training, the others scaled up.</summary>
internal sealed class DropoutOperator(DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) => new("Dropout", [Of(node.Inputs[0]), dropout, Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var x = node.Inputs[0];
        tape.Alias(x, DropoutBuilder.Backward(tape, x, tape.Upstream(node.Outputs[0]), dropout));
    }
}

internal static class DropoutBuilder
{
    /// <summary>dropout(x).</summary>
    public static Value Dropout(this GraphBuilder graph, string name, Value x)
    {
        var y = graph.NewRows(name, x.Width!, x.IsConstant);
        graph.Add(new DropoutOperator(graph.NextDropout()), [x], [y]);
        return y;
    }

    /// <summary>
    /// The gradient of <paramref name="x"/>, which is that of dropout(x), masked: memory of its own when something is dropped, otherwise dy itself,
    /// as the call decides at run time.
    /// </summary>
    internal static Value Backward(GradientTape tape, Value x, Value dy, DropoutOperand dropout)
    {
        var memory = tape.NewGradient(x);
        var gradient = GradientTape.Either(dy, memory);
        tape.Call(gradient, "DropoutBackward", new ValueOperand(dy), dropout, new ValueOperand(memory));
        return gradient;
    }
}
