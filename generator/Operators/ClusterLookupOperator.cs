using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>A table of some of the tokens, whose rows a projection takes to the model's width.</summary>
internal sealed record ClusterTable(Parameter Table, Parameter Projection, GraphInput Tokens, GraphInput Rows);

/// <summary>
/// A token's row from the table of its cluster: cluster by cluster the rows that there are, one product for all of them, and each to its place.
/// </summary>
internal sealed class ClusterLookupOperator(IReadOnlyList<ClusterTable> clusters, float scale) : Operator
{
    private static readonly WriteOperand Overwrite = new(GradientWriting.Overwrite);

    public override IReadOnlyList<Call> Calls(Node node) => [.. clusters.SelectMany((cluster, index) => Calls(node, cluster, index))];

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dy = Of(tape.Upstream(node.Outputs[0]));
        for (var index = 0; index < clusters.Count; index++)
        {
            var (table, projection, tokens, rows) = clusters[index];
            var (picked, projected) = (Picked(node, index), Projected(node, index));
            var (dPicked, dProjected) = (Of(tape.NewGradient(picked)), Of(tape.NewGradient(projected)));
            var (dProjection, projectionWrite) = tape.Target(projection);
            var (dTable, tableWrite) = tape.Target(table);
            tape.Call("Gather", dy, Of(rows), dProjected);
            tape.Call("LinearBackwardWeight", Of(picked), dProjected, dProjection, Of((Parameter?)null), projectionWrite);
            tape.Call("LinearBackwardInput", dProjected, Of(projection), dPicked, Overwrite);
            tape.Call("LookupBackward", Of(tokens), dPicked, Of(scale), dTable, tableWrite);
        }
    }

    private IEnumerable<Call> Calls(Node node, ClusterTable cluster, int index)
    {
        var (picked, projected) = (Of(Picked(node, index)), Of(Projected(node, index)));
        yield return new("Lookup", [Of(cluster.Tokens), Of(cluster.Table), Of(scale), picked, Overwrite]);
        yield return new("Linear", [picked, Of(cluster.Projection), Of((Parameter?)null), projected]);
        yield return new(
            "Scatter",
            [projected, Of(cluster.Rows), Of(node.Outputs[0]), new WriteOperand(index == 0 ? GradientWriting.Overwrite : GradientWriting.Add)]);
    }

    private static Value Picked(Node node, int cluster) => node.Outputs[1 + (2 * cluster)];

    private static Value Projected(Node node, int cluster) => node.Outputs[2 + (2 * cluster)];
}

internal static class ClusterLookupBuilder
{
    /// <summary>A row for each token, of which each is in one of the clusters: scale x its table's row x the projection.</summary>
    public static Value ClusterLookup(this GraphBuilder graph, string name, IReadOnlyList<ClusterTable> clusters, float scale)
    {
        graph.Extent = Extent.Row;
        var y = graph.NewRows(name, clusters[0].Projection.Rows);
        var parts = clusters.SelectMany((cluster, index) => new[]
        {
            graph.NewRows($"Picked{index}", cluster.Tokens.Extent, cluster.Table.Columns!),
            graph.NewRows($"Projected{index}", cluster.Tokens.Extent, cluster.Projection.Rows),
        });
        graph.Add(new ClusterLookupOperator(clusters, scale), [], [y, .. parts]);
        return y;
    }
}
