using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>How layers are normalised before they are mixed.</summary>
/// <param name="Lengths">The rows that count.</param>
/// <param name="Directions">How often the sequences' rows stand in a layer.</param>
/// <param name="Epsilon">What is added to variances.</param>
internal sealed record LayerNormalization(GraphInput Lengths, int Directions, float Epsilon);

/// <summary>The layers of a loop mixed into one (Peters et al. 2018, equation 1). They do not train: only the mix has gradients.</summary>
internal sealed class MixLayersOperator(Parameter weights, Parameter gamma, LayerNormalization? normalization) : Operator
{
    public override Call Forward(Node node) => normalization is null
        ? new("MixLayers", [Layers(node), Of(weights), Of(gamma), Of(node.Outputs[0])])
        : new("MixNormalizedLayers", [Layers(node), Of(weights), Of(gamma), .. Operands(normalization), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        if (!node.Inputs[0].IsConstant)
            throw new InvalidOperationException($"{node.Inputs[0].Name} trains, but layers that are mixed are frozen.");
        var dy = Of(tape.Upstream(node.Outputs[0]));
        var (dWeights, write) = tape.Target(weights);
        var dGamma = tape.TargetOf(gamma, write);
        if (normalization is null)
            tape.Call(
                "MixLayersBackward", dy, Layers(node), Of(weights), Of(gamma), new AbsentOperand(), new WriteOperand(GradientWriting.Overwrite),
                dWeights, dGamma, write);
        else
            tape.Call(
                "MixNormalizedLayersBackward",
                [dy, Layers(node), Of(weights), Of(gamma), .. Operands(normalization), dWeights, dGamma, write]);
    }

    private static LayersOperand Layers(Node node) => new(Of(node.Inputs[0]));

    private static Operand[] Operands(LayerNormalization normalization) =>
        [Of(normalization.Lengths), new IndexOperand(normalization.Directions), new NumberOperand(normalization.Epsilon)];
}

internal static class MixLayersBuilder
{
    /// <summary>gamma x the sum over a loop's layers k, with what is before the first, of softmax(weights)_k x their states.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The mix's name.</param>
    /// <param name="last">What the loop's last layer hands on.</param>
    /// <param name="weights">The weights, one a layer and one more.</param>
    /// <param name="gamma">One number.</param>
    /// <param name="normalization">How the states are normalised first; null for states as they are.</param>
    public static Value MixLayers(
        this GraphBuilder graph, string name, Value last, Parameter weights, Parameter gamma, LayerNormalization? normalization = null)
    {
        var y = graph.NewRows(name, last.Width!);
        graph.Add(new MixLayersOperator(weights, gamma, normalization), [last], [y]);
        return y;
    }
}
