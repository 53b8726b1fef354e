namespace GptGen.Text;

/// <summary>
/// The distinct pieces of a text as linked lists of tokens, and of each pair of neighbours how often it occurs in the text and where. A merge touches
/// only the places of its pair. A priority queue holds the pairs; counts in it may be too high, because they fall as other pairs merge, and are put
/// right when they come to the front.
/// </summary>
internal sealed class PairCounts
{
    private const int None = -1;

    /// <summary>A pair that occurs once makes a token that saves nothing elsewhere.</summary>
    private const int SmallestCount = 2;

    private readonly Node[] _nodes;
    private readonly Dictionary<ulong, Pair> _pairs = [];
    private readonly PriorityQueue<ulong, (long Negated, ulong Pair)> _queue = new();

    /// <param name="pieces">The distinct pieces as tokens, and how often each occurs.</param>
    /// <param name="length">The number of their tokens together.</param>
    /// <exception cref="GptGenException">There are too many to count.</exception>
    public PairCounts(IEnumerable<(int[] Tokens, long Count)> pieces, long length)
    {
        if (length > Array.MaxLength)
        {
            throw new GptGenException(
                $"The text's distinct words have {length} symbols together, more than {Array.MaxLength}: learn from a part of it.");
        }

        _nodes = new Node[length];
        var at = 0;
        foreach (var (piece, count) in pieces)
        {
            TokenCount += piece.Length * count;
            for (var i = 0; i < piece.Length; i++)
            {
                var isLast = i == piece.Length - 1;
                _nodes[at + i] = new() { Token = piece[i], Previous = i == 0 ? None : at + i - 1, Next = isLast ? None : at + i + 1, Count = count };
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
    /// <param name="number">Gives the number of the token that a pair becomes: a new one, or that of a token which is the same text.</param>
    /// <param name="merge">The pair.</param>
    /// <returns>False when no pair is frequent enough.</returns>
    public bool TryMergeMostFrequent(Func<int, int, int> number, out (int Left, int Right) merge)
    {
        while (_queue.TryDequeue(out var pair, out var priority))
        {
            // A pair may have been offered twice, where two pairs became the same token.
            if (!_pairs.TryGetValue(pair, out var found))
                continue;
            if (found.Count < -priority.Negated)
            {
                Offer(pair, found.Count);
                continue;
            }

            merge = MergeTable.Tokens(pair);
            Merge(pair, merge, number(merge.Left, merge.Right));
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
