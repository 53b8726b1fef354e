namespace GptGen.Tensors;

/// <summary>Which positions a query may look at.</summary>
public enum AttentionMask
{
    /// <summary>
    /// Itself and earlier ones (a decoder). Where a sequence has other numbers of queries and of keys, its last query stands at its last key: query q
    /// sees key k if k &lt;= q + (keys - queries).
    /// </summary>
    Causal,

    /// <summary>Every one of its sequence (an encoder).</summary>
    Full,
}

/// <summary>
/// How the widths of queries and of keys (and values) are split into attention heads. Several query heads may share a key head (grouped queries,
/// Ainslie et al. 2023): query head h looks at key head h / (query heads / key heads).
/// </summary>
/// <typeparam name="TQuery">The width of queries and outputs: query heads x head size.</typeparam>
/// <typeparam name="TKey">The width of keys and of values: key heads x head size.</typeparam>
public readonly struct AttentionHeads<TQuery, TKey>(int queryHeads, int keyHeads, AttentionMask mask)
    where TQuery : struct, IDimension
    where TKey : struct, IDimension
{
    /// <summary>Number of query heads; divides the queries' width.</summary>
    public int QueryHeads => queryHeads;

    /// <summary>Number of key heads; divides the number of query heads.</summary>
    public int KeyHeads => keyHeads;

    /// <summary>Width of one head, the same for queries and keys.</summary>
    public int Size => TQuery.Size / queryHeads;

    /// <summary>Which positions a query may look at.</summary>
    public AttentionMask Mask => mask;

    /// <summary>Refuses heads that do not fit the widths.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    internal void Check(string name)
    {
        if (queryHeads < 1 || TQuery.Size % queryHeads != 0)
            throw new ArgumentException($"A width of {TQuery.Size} cannot be split into {queryHeads} heads.", name);
        if (keyHeads < 1 || TKey.Size % keyHeads != 0)
            throw new ArgumentException($"A width of {TKey.Size} cannot be split into {keyHeads} heads.", name);
        if (TQuery.Size / queryHeads != TKey.Size / keyHeads)
            throw new ArgumentException($"Heads of queries have {TQuery.Size / queryHeads} numbers and heads of keys {TKey.Size / keyHeads}.", name);
        if (queryHeads % keyHeads != 0)
            throw new ArgumentException($"{queryHeads} heads of queries cannot share {keyHeads} heads of keys alike.", name);
    }
}
