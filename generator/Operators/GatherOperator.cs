using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Each sequence's last row.</summary>
internal sealed class GatherOperator : Operator
{
    public override Call Forward(Node node) => new("Gather", [Of(node.Inputs[0]), Of("LastRows"), Out(node, 0)]);
}

internal static class GatherBuilder
{
    /// <summary>Each sequence's last row; what follows has one row a sequence.</summary>
    public static Value LastRows(this GraphBuilder graph, string name, Value x)
    {
        graph.Extent = Extent.Sequence;
        var y = graph.NewRows(name, x.Width!);
        graph.Add(new GatherOperator(), [x], [y]);
        return y;
    }
}
