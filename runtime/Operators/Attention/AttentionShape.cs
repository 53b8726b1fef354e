namespace GptGen;

/// <summary>The sizes of one attention.</summary>
/// <param name="Sequences">Number of sequences.</param>
/// <param name="QueryLength">Rows of queries that each sequence has, those beyond its end included.</param>
/// <param name="KeyLength">Rows of keys and values that each sequence has, those beyond its end included.</param>
/// <param name="QueryHeads">Number of query heads.</param>
/// <param name="KeyHeads">Number of key heads; divides the number of query heads.</param>
/// <param name="HeadSize">Width of a head.</param>
/// <param name="Mask">Which positions a query may look at.</param>
public readonly record struct AttentionShape(
    int Sequences, int QueryLength, int KeyLength, int QueryHeads, int KeyHeads, int HeadSize, AttentionMask Mask)
{
    /// <summary>Width of queries and outputs: query heads x head size.</summary>
    public int QueryWidth => QueryHeads * HeadSize;

    /// <summary>Width of keys and of values: key heads x head size.</summary>
    public int KeyWidth => KeyHeads * HeadSize;

    /// <summary>Query heads that share a key head.</summary>
    public int Group => QueryHeads / KeyHeads;

    /// <summary>What scores are multiplied with.</summary>
    public float Scale => 1f / MathF.Sqrt(HeadSize);
}

/// <summary>What an attention reads.</summary>
/// <param name="Query">Queries, [sequences x query length, query width].</param>
/// <param name="Key">Keys, [sequences x key length, key width].</param>
/// <param name="Value">Values, as the keys.</param>
/// <param name="QueryLengths">How many of each sequence's queries count.</param>
/// <param name="KeyLengths">How many of each sequence's keys and values count.</param>
public readonly record struct AttentionInputs(
    ColumnSlice Query, ColumnSlice Key, ColumnSlice Value, Location QueryLengths, Location KeyLengths);

/// <summary>Where an attention's gradients go, each as the input that it belongs to.</summary>
/// <param name="Query">The queries'.</param>
/// <param name="Key">The keys'.</param>
/// <param name="Value">The values'.</param>
public readonly record struct AttentionGradients(ColumnSlice Query, ColumnSlice Key, ColumnSlice Value);
