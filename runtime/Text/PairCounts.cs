namespace GptGen.Text;

/// <summary>
/// The distinct pieces of a text as linked lists of tokens, and of each pair of neighbours how often it occurs in the text and where. A merge touches
/// only the places of its pair. A priority queue holds the pairs; counts in it may be too high, because they fall as other pairs merge, and are put right when
/// they come to the front.
/// </summary>
internal sealed class PairCounts
{
    private const int None = -1;

    /// <summary>A pair that occurs once makes a token that saves nothing elsewhere.</summary>
    private const int SmallestCount = 2;

    private readonly Node[] _nodes;
    private readonly Dictionary<ulong, Pair> _pairs = [];
    private readonly PriorityQueue<ulong, (long Negated, ulong Pair)> _queue = new();

    /// <param name="pieces">The distinct pieces and how often each occurs.</param>
    /// <exception cref="GptGenException">There are too many to count.</exception>
    public PairCounts(Dictionary<byte[], long> pieces)
    {
        var length = pieces.Keys.Sum(static piece => (long)piece.Length);
        if (length > Array.MaxLength)
            throw new GptGenException($"The text's distinct words have {length} bytes together, more than {Array.MaxLength}: learn from a part of it.");

        Span<int> tokens = stackalloc int[256];
        for (var token = 0; token < tokens.Length; token++)
            tokens[VisibleBytes.InOrder[token]] = token;
        _nodes = new Node[length];
        var at = 0;
        foreach (var (piece, count) in pieces)
        {
            TokenCount += piece.Length * count;
            for (var i = 0; i < piece.Length; i++)
            {
                var isLast = i == piece.Length - 1;
                _nodes[at + i] = new() { Token = tokens[piece[i]], Previous = i == 0 ? None : at + i - 1, Next = isLast ? None : at + i + 1, Count = count };
            }

            for (var end = at + piece.Length; at < end; at++)
                Add(at);
        }

        foreach (var (pair, found) in _pairs)
            Offer(pair, found.Count);
    }

    /// <summary>The number of tokens of the whole text.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Makes the most frequent pair a token everywhere.</summary>
    /// <param name="token">The new token's number.</param>
    /// <param name="merge">The pair.</param>
    /// <returns>False when no pair is frequent enough.</returns>
    public bool TryMergeMostFrequent(int token, out (int Left, int Right) merge)
    {
        while (_queue.TryDequeue(out var pair, out var priority))
        {
            if (_pairs[pair].Count is var count && count < -priority.Negated)
            {
                Offer(pair, count);
                continue;
            }

            merge = MergeTable.Tokens(pair);
            Merge(pair, merge, token);
            return true;
        }

        merge = default;
        return false;
    }

    private void Merge(ulong pair, (int Left, int Right) tokens, int token)
    {
        _pairs.Remove(pair, out var merged);
        // In a run such as "aaa" the order of merging decides; encoding merges from the left.
        var places = merged!.Places;
        places.Sort();
        var made = new HashSet<ulong>();
        foreach (var place in places)
        {
            ref var node = ref _nodes[place];
            if (node.Token != tokens.Left || node.Next == None || _nodes[node.Next].Token != tokens.Right)
                continue;

            ref var absorbed = ref _nodes[node.Next];
            Remove(node.Previous);
            Remove(node.Next);
            node.Token = token;
            node.Next = absorbed.Next;
            absorbed.Token = None;
            if (node.Next != None)
                _nodes[node.Next].Previous = place;
            TokenCount -= node.Count;
            if (Add(node.Previous) is { } before)
                made.Add(before);
            if (Add(place) is { } after)
                made.Add(after);
        }

        // Only now are their counts whole.
        foreach (var next in made)
            Offer(next, _pairs[next].Count);
    }

    /// <summary>The pair that begins at a place, if one does.</summary>
    private ulong? PairAt(int place) =>
        place != None && _nodes[place].Next != None ? MergeTable.Pair(_nodes[place].Token, _nodes[_nodes[place].Next].Token) : null;

    private ulong? Add(int place)
    {
        if (PairAt(place) is not { } pair)
            return null;
        if (!_pairs.TryGetValue(pair, out var found))
            _pairs.Add(pair, found = new());
        found.Count += _nodes[place].Count;
        found.Places.Add(place);
        return pair;
    }

    /// <summary>Takes back the count of a pair that is about to change; its place is recognised as outdated later.</summary>
    private void Remove(int place)
    {
        if (PairAt(place) is { } pair && _pairs.TryGetValue(pair, out var found))
            found.Count -= _nodes[place].Count;
    }

    private void Offer(ulong pair, long count)
    {
        if (count >= SmallestCount)
            _queue.Enqueue(pair, (-count, pair));
        else
            _pairs.Remove(pair);
    }

    private sealed class Pair
    {
        public long Count { get; set; }

        public List<int> Places { get; } = [];
    }

    private struct Node
    {
        /// <summary>The token, or <see cref="None"/> where another has absorbed it.</summary>
        public int Token;
        public int Previous;
        public int Next;

        /// <summary>How often the piece occurs.</summary>
        public long Count;
    }
}
