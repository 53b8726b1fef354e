using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>A softmax of its own: over the columns that a table has, of what a projection makes of the states.</summary>
/// <param name="Table">The table, a row a column.</param>
/// <param name="Bias">What is added to each.</param>
/// <param name="Projection">From the table's width to the states'; null where they are the same.</param>
internal sealed record HeadCluster(Parameter Table, Parameter Bias, Parameter? Projection);

internal static class ClusterHeadBuilder
{
    /// <summary>
    /// Ends the graph with the losses of a vocabulary in clusters (Grave et al. 2017, "Efficient softmax approximation for GPUs"): every row has one
    /// among the first cluster's columns, some of which stand for the other clusters, and rows whose target is in such a cluster another one there.
    /// </summary>
    public static void ClusterHead(this GraphBuilder graph, Value states, IReadOnlyList<HeadCluster> clusters)
    {
        for (var index = 0; index < clusters.Count; index++)
        {
            var (table, bias, projection) = clusters[index];
            var rows = index == 0 ? states : graph.Gather($"TargetStates{index}", states, ClusterInputs.TargetRows(index));
            if (projection is not null)
                rows = graph.TransposedLinear($"ClusterStates{index}", rows, projection);
            var inputs = index == 0 ? LossInputs.OfRows : ClusterInputs.Losses(index);
            var logits = graph.NewLogits($"Logits{index}", table.Rows);
            graph.End(new HeadLossOperator(table, bias, inputs), [rows], [logits]);
        }
    }
}
