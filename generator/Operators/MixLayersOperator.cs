using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>The layers of a loop mixed into one (Peters et al. 2018, equation 1). They do not train: only the mix has gradients.</summary>
internal sealed class MixLayersOperator(Parameter weights, Parameter gamma) : Operator
{
    public override Call Forward(Node node) => new("MixLayers", [Layers(node), Of(weights), Of(gamma), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        if (!node.Inputs[0].IsConstant)
            throw new InvalidOperationException($"{node.Inputs[0].Name} trains, but layers that are mixed are frozen.");
        var (dWeights, write) = tape.Target(weights);
        tape.Call(
            "MixLayersBackward", Of(tape.Upstream(node.Outputs[0])), Layers(node), Of(weights), Of(gamma), new AbsentOperand(),
            new WriteOperand(GradientWriting.Overwrite), dWeights, tape.TargetOf(gamma, write), write);
    }

    private static LayersOperand Layers(Node node) => new(Of(node.Inputs[0]));
}

internal static class MixLayersBuilder
{
    /// <summary>gamma x the sum over a loop's layers k, with what is before the first, of softmax(weights)_k x their states.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The mix's name.</param>
    /// <param name="last">What the loop's last layer hands on.</param>
    /// <param name="weights">The weights, one a layer and one more.</param>
    /// <param name="gamma">One number.</param>
    public static Value MixLayers(this GraphBuilder graph, string name, Value last, Parameter weights, Parameter gamma)
    {
        var y = graph.NewRows(name, last.Width!);
        graph.Add(new MixLayersOperator(weights, gamma), [last], [y]);
        return y;
    }
}
