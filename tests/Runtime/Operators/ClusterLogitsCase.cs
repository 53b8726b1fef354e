namespace GptGen.Runtime.Tests.Operators;

/// <summary>A head with two columns for clusters before its five tokens, and the clusters, one of any size and one of three tokens.</summary>
internal static class ClusterLogitsCase
{
    /// <summary>The head's columns and the log probabilities of all tokens.</summary>
    public static Location[] Run<TCluster, TVocabulary>(Device device, TestMemory memory, int rows)
        where TCluster : struct, IDimension
        where TVocabulary : struct, IDimension
    {
        Rows<TRows> Rows<TRows>(int seed)
            where TRows : struct, IDimension => memory.Rows<TRows>(TestMemory.Random(seed, rows * TRows.Stored), BufferRole.Logit);
        var (head, many, few) = (Rows<Width7>(1), Rows<TCluster>(2), Rows<Width3>(3));
        var y = memory.Rows<TVocabulary>(new double[rows * TVocabulary.Stored], BufferRole.Logit);
        device.ClusterLogProbabilities(head, head, -1, 2, y, 0);
        device.ClusterLogProbabilities(many, head, 0, 0, y, 5);
        device.ClusterLogProbabilities(few, head, 1, 0, y, 5 + TCluster.Size);
        return [head.Start, y.Start];
    }
}
