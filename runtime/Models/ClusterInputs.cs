namespace GptGen;

/// <summary>
/// What the rows of a batch have to do with the clusters of a vocabulary: the host sorts them by cluster, so that each has only the rows that concern
/// it. The first table has a row for each cluster behind it before those of its tokens, and so have the columns of the first softmax.
/// </summary>
internal sealed class ClusterInputs
{
    private readonly InputBuffer inputs;
    private readonly IReadOnlyList<int> cutoffs;
    private readonly Cluster[] clusters;
    private readonly float[] losses;
    private readonly bool haveTables;

    internal ClusterInputs(InputBuffer inputs, ModelDescription model, int capacity)
    {
        this.inputs = inputs;
        cutoffs = model.Cutoffs;
        haveTables = model.EmbeddingDivisor > 1;
        clusters = [.. Enumerable.Range(0, cutoffs.Count + 1).Select(index => new Cluster(index, capacity))];
        losses = new float[capacity];
    }

    /// <summary>Rows whose token is in a cluster.</summary>
    internal int TokenCount(int cluster) => clusters[cluster].Tokens;

    /// <summary>Rows whose target is in a cluster behind the first.</summary>
    internal int TargetCount(int cluster) => clusters[cluster].Targets;

    /// <summary>Sets the tokens.</summary>
    internal void SetTokens(ReadOnlySpan<int> tokens)
    {
        foreach (var cluster in clusters)
            cluster.Tokens = 0;
        for (var row = 0; row < tokens.Length; row++)
        {
            // One table has the tokens of all clusters.
            var cluster = clusters[haveTables ? Find(tokens[row]) : 0];
            cluster.Places[cluster.Tokens] = PlaceOf(tokens[row], cluster.Index);
            cluster.Rows[cluster.Tokens++] = row;
        }

        foreach (var cluster in haveTables ? clusters : clusters.AsSpan(0, 1))
        {
            inputs.Write(cluster.TokensName, cluster.Places.AsSpan(0, cluster.Tokens));
            if (haveTables)
                inputs.Write(cluster.RowsName, cluster.Rows.AsSpan(0, cluster.Tokens));
        }
    }

    /// <summary>Sets the targets and the weights of their losses, and leaves in place of the targets those of the first softmax.</summary>
    internal void SetTargets(Span<int> targets, ReadOnlySpan<float> weights)
    {
        foreach (var cluster in clusters)
            cluster.Targets = 0;
        for (var row = 0; row < targets.Length; row++)
        {
            if (targets[row] == Device.IgnoredTarget)
                continue;
            var cluster = clusters[Find(targets[row])];
            var place = PlaceOf(targets[row], cluster.Index);
            targets[row] = cluster.Index == 0 ? place : cluster.Index - 1;
            if (cluster.Index == 0)
                continue;
            (cluster.Places[cluster.Targets], cluster.TargetRows[cluster.Targets], cluster.Weights[cluster.Targets]) = (place, row, weights[row]);
            cluster.Targets++;
        }

        foreach (var cluster in clusters.AsSpan(1))
        {
            inputs.Write(cluster.TargetsName, cluster.Places.AsSpan(0, cluster.Targets));
            inputs.Write(cluster.TargetRowsName, cluster.TargetRows.AsSpan(0, cluster.Targets));
            inputs.Write(cluster.WeightsName, cluster.Weights.AsSpan(0, cluster.Targets));
        }
    }

    /// <summary>Adds the losses in the clusters to the first softmax's, a row each. Waits for the device.</summary>
    internal void AddLosses(Span<float> rows)
    {
        foreach (var cluster in clusters.AsSpan(1))
        {
            inputs.Read(cluster.LossesName, losses.AsSpan(0, cluster.Targets));
            for (var index = 0; index < cluster.Targets; index++)
                rows[cluster.TargetRows[index]] += losses[index];
        }
    }

    private int Find(int token)
    {
        var cluster = 0;
        while (cluster < cutoffs.Count && token >= cutoffs[cluster])
            cluster++;
        return cluster;
    }

    /// <summary>Where a cluster's table, and its softmax, has a token.</summary>
    private int PlaceOf(int token, int cluster) => cluster == 0 ? cutoffs.Count + token : token - cutoffs[cluster - 1];

    /// <summary>A cluster's rows.</summary>
    private sealed class Cluster(int index, int capacity)
    {
        internal readonly int[] Places = new int[capacity];
        internal readonly int[] Rows = new int[capacity];
        internal readonly int[] TargetRows = new int[capacity];
        internal readonly float[] Weights = new float[capacity];

        internal int Index => index;

        internal int Tokens { get; set; }

        internal int Targets { get; set; }

        internal string TokensName { get; } = $"ClusterTokens{index}";

        internal string RowsName { get; } = $"ClusterRows{index}";

        internal string TargetsName { get; } = $"ClusterTargets{index}";

        internal string TargetRowsName { get; } = $"TargetRows{index}";

        internal string WeightsName { get; } = $"ClusterWeights{index}";

        internal string LossesName { get; } = $"ClusterLosses{index}";
    }
}
