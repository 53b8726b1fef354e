using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>What the clusters of a vocabulary give to a graph: which rows have a token of theirs, and which predict one.</summary>
internal static class ClusterInputs
{
    /// <summary>Where a table has the tokens of its cluster, one a row whose token is there.</summary>
    public static GraphInput Tokens(int cluster) =>
        new($"ClusterTokens{cluster}", InputKind.Integers, Read(cluster), $"Where the table of cluster {cluster} has the tokens that are there.");

    /// <summary>The rows of these tokens.</summary>
    public static GraphInput Rows(int cluster) =>
        new($"ClusterRows{cluster}", InputKind.Integers, Read(cluster), $"Rows whose token is in cluster {cluster}.");

    /// <summary>The rows whose target is in a cluster.</summary>
    public static GraphInput TargetRows(int cluster) =>
        new($"TargetRows{cluster}", InputKind.Integers, Predicted(cluster), $"Rows whose target is in cluster {cluster}.");

    /// <summary>The losses of a cluster's own softmax.</summary>
    public static LossInputs Losses(int cluster) => new(
        new($"ClusterTargets{cluster}", InputKind.Integers, Predicted(cluster), $"Where cluster {cluster} has the targets that are there."),
        new($"ClusterWeights{cluster}", InputKind.Statistics, Predicted(cluster), $"Weights of the losses in cluster {cluster}."),
        new($"ClusterLosses{cluster}", InputKind.Statistics, Predicted(cluster), $"Losses in cluster {cluster}."));

    private static Extent Read(int cluster) => new($"clusterTokens{cluster}", $"ClusterTokenCount({cluster})", Region.Rows);

    private static Extent Predicted(int cluster) => new($"clusterTargets{cluster}", $"ClusterTargetCount({cluster})", Region.Rows);
}
