namespace GptGen.Text;

/// <summary>What two neighbouring tokens merge into.</summary>
internal sealed class MergeTable(int capacity)
{
    private readonly Dictionary<ulong, Merge> _merges = new(capacity);

    /// <summary>A merge of two tokens.</summary>
    /// <param name="Rank">When it was learned; the lowest rank merges first.</param>
    /// <param name="Token">The token that replaces the two.</param>
    public readonly record struct Merge(int Rank, int Token);

    /// <summary>Two tokens as one number, in whose order the left token counts first.</summary>
    public static ulong Pair(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    /// <summary>The two tokens of a pair.</summary>
    public static (int Left, int Right) Tokens(ulong pair) => ((int)(pair >> 32), (int)(uint)pair);

    /// <summary>Notes a merge, unless the two have one already.</summary>
    public bool TryAdd(int left, int right, Merge merge) => _merges.TryAdd(Pair(left, right), merge);

    /// <summary>Whether another table has the same merges in the same order.</summary>
    public bool IsSame(MergeTable other) =>
        _merges.Count == other._merges.Count && _merges.All(merge => other._merges.TryGetValue(merge.Key, out var found) && found == merge.Value);

    /// <summary>The pairs in the order in which they were learned; null where several merges were learned at once.</summary>
    public List<(int Left, int Right)>? InOrder()
    {
        var ordered = _merges.OrderBy(static merge => merge.Value.Rank).ToList();
        for (var index = 1; index < ordered.Count; index++)
        {
            if (ordered[index].Value.Rank == ordered[index - 1].Value.Rank)
                return null;
        }

        return ordered.ConvertAll(static merge => Tokens(merge.Key));
    }

    public bool TryGet(int left, int right, out Merge merge) => _merges.TryGetValue(Pair(left, right), out merge);
}
