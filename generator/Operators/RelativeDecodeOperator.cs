using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>What a layer's distances are to its queries, computed once for all tokens that are decoded.</summary>
internal sealed class ProjectDistancesOperator(Parameter weight) : Operator
{
    public override Call Forward(Node node) =>
        new("Linear", [Of(node.Inputs[0]), Of(weight), Of((Parameter?)null), RelativeDecodeBuilder.Distances(weight.Rows)]);
}

/// <summary>Attention of one new token a sequence by content and by distance, against a ring of what came before.</summary>
internal sealed class RelativeDecodeOperator(Parameter contentBias, Parameter positionBias, HeadsOperand heads) : Operator
{
    public override Call Forward(Node node) => new(
        "RelativeAttentionDecode",
        [
            Of(node.Inputs[0]), RelativeDecodeBuilder.Distances(heads.Width), new FlattenedOperand(Of(contentBias), heads.Width),
            new FlattenedOperand(Of(positionBias), heads.Width), heads, Of(GraphInput.Positions), Of(AttentionBuilder.Slots),
            AttentionBuilder.LayerCache, Of(node.Outputs[0]),
        ]);
}

internal static class RelativeDecodeBuilder
{
    /// <summary>Keeps what a layer makes of each distance.</summary>
    public static void ProjectDistances(this GraphBuilder graph, Value sinusoids, Parameter weight) =>
        graph.Add(new ProjectDistancesOperator(weight), [sinusoids], []);

    /// <summary>The heads' outputs side by side, of one new token a sequence, whose key and value take the oldest ones' place.</summary>
    public static Value RelativeDecode(
        this GraphBuilder graph, string name, Value qkv, Parameter contentBias, Parameter positionBias, HeadsOperand heads)
    {
        var y = graph.NewRows(name, heads.Width);
        graph.Add(new RelativeDecodeOperator(contentBias, positionBias, heads), [qkv], [y]);
        return y;
    }

    internal static StateOperand Distances(Dimension width) => new("ProjectedDistances", width) { Kept = Region.Distances };
}
