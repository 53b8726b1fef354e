namespace GptGen.Cpu;

/// <summary>What relative attention reads, in memory, and which keys a query sees.</summary>
internal readonly unsafe struct RelativeOperands(
    float* qkv, float* distances, float* contentBias, float* positionBias, nint window, AttentionShape shape)
{
    /// <summary>The sizes.</summary>
    public AttentionShape Shape => shape;

    /// <summary>Floats from one row of queries, keys and values to the next.</summary>
    public nint Stride => 3 * (nint)shape.QueryWidth;

    /// <summary>Rows of a sequence before its first query.</summary>
    public nint Memory => shape.KeyLength - shape.QueryLength;

    /// <summary>A query of one head.</summary>
    public float* Query(nint sequence, nint query, nint head) => Key(sequence, Memory + query, head) - shape.QueryWidth;

    /// <summary>A key of one head.</summary>
    public float* Key(nint sequence, nint key, nint head) =>
        qkv + (sequence * shape.KeyLength + key) * Stride + shape.QueryWidth + head * shape.HeadSize;

    /// <summary>A value of one head.</summary>
    public float* Value(nint sequence, nint key, nint head) => Key(sequence, key, head) + shape.QueryWidth;

    /// <summary>A distance's row of one head.</summary>
    public float* Distance(nint distance, nint head) => distances + distance * shape.QueryWidth + head * shape.HeadSize;

    /// <summary>What is added to a head's queries that meet keys.</summary>
    public float* ContentBias(nint head) => contentBias + head * shape.HeadSize;

    /// <summary>What is added to a head's queries that meet distances.</summary>
    public float* PositionBias(nint head) => positionBias + head * shape.HeadSize;

    /// <summary>The first key that a query sees.</summary>
    public nint First(nint query) => Math.Max(0, Seen(query) - window);

    /// <summary>The one after the last key that a query sees.</summary>
    public nint Seen(nint query) => Memory + query + 1;

    /// <summary>
    /// Where the distances of a query's keys begin, less the keys' own places, among distances in falling order: key j stands at distance
    /// key length - 1 - (Shift + j).
    /// </summary>
    public nint Shift(nint query) => shape.QueryLength - 1 - query;

    /// <summary>destination = query + bias.</summary>
    public void AddBias<TSimd, TVector>(float* query, float* bias, float* destination)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        CpuRange.Copy(query, destination, shape.HeadSize);
        VectorRuns.AddScaled<TSimd, TVector>(destination, bias, 1f, shape.HeadSize);
    }
}
