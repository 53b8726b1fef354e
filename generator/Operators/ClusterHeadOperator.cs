using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>A softmax of its own: over the columns that a table has, of what a projection makes of the states.</summary>
/// <param name="Table">The table, a row a column.</param>
/// <param name="Bias">What is added to each.</param>
/// <param name="Projection">From the table's width to the states'; null where they are the same.</param>
internal sealed record HeadCluster(Parameter Table, Parameter Bias, Parameter? Projection);

/// <summary>The log probabilities of all tokens, from the logits of the clusters that they are in.</summary>
/// <param name="counts">Tokens of each cluster.</param>
internal sealed class ClusterLogitsOperator(IReadOnlyList<int> counts, IReadOnlyList<HeadCluster> clusters) : Operator
{
    /// <summary>The inputs are the states of the clusters; the outputs the log probabilities, then the clusters' logits.</summary>
    public override IReadOnlyList<Call> Calls(Node node) => [.. clusters.SelectMany((cluster, index) => Calls(node, cluster, index))];

    private IEnumerable<Call> Calls(Node node, HeadCluster cluster, int index)
    {
        var (y, head, logits) = (Of(node.Outputs[0]), Of(node.Outputs[1]), Of(node.Outputs[1 + index]));
        yield return new("HeadLogits", [Of(node.Inputs[index]), Of(cluster.Table), Of(cluster.Bias), logits]);
        yield return new(
            "ClusterLogProbabilities",
            [
                logits, head, new IndexOperand(index == 0 ? -1 : index - 1), new IndexOperand(index == 0 ? clusters.Count - 1 : 0), y,
                new IndexOperand(counts.Take(index).Sum()),
            ]);
    }
}

internal static class ClusterHeadBuilder
{
    /// <summary>Ends a graph that does not train with the log probabilities of all tokens.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="states">What is predicted from.</param>
    /// <param name="clusters">The clusters.</param>
    /// <param name="counts">Tokens of each.</param>
    /// <param name="vocabulary">All tokens.</param>
    public static void ClusterLogits(
        this GraphBuilder graph, Value states, IReadOnlyList<HeadCluster> clusters, IReadOnlyList<int> counts, Dimension vocabulary)
    {
        var rows = clusters.Select((cluster, index) => cluster.Projection is null
            ? states
            : graph.TransposedLinear($"ClusterStates{index}", states, cluster.Projection)).ToArray();
        var y = graph.NewLogits("Logits", vocabulary);
        var head = graph.NewLogits("Logits0", clusters[0].Table.Rows, y);
        var others = clusters.Skip(1).Select((cluster, index) => graph.NewLogits($"Logits{index + 1}", cluster.Table.Rows, y, head)).ToArray();
        graph.End(new ClusterLogitsOperator(counts, clusters), rows, [y, head, .. others]);
    }

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
