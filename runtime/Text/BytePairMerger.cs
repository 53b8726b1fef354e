namespace GptGen.Text;

/// <summary>
/// Merges the symbols of one piece into tokens. The piece is a linked list over its positions; lowest rank and then leftmost merges first. Of a short
/// piece the list is looked through for it. For a long one a priority queue holds the possible merges; entries whose tokens have changed since are
/// recognised by their rank and dropped.
/// </summary>
internal sealed class BytePairMerger(MergeTable merges)
{
    private const int None = -1;

    /// <summary>Symbols up to which looking through all is faster than keeping a queue; most words are shorter.</summary>
    private const int ShortPiece = 32;

    private readonly PriorityQueue<int, (int Rank, int Position)> _queue = new();
    private Node[] _nodes = new Node[64];

    /// <summary>Appends the tokens of a piece.</summary>
    /// <param name="piece">The tokens of its single symbols; at least one.</param>
    /// <param name="tokens">Receives the tokens at its end.</param>
    public void Encode(ReadOnlySpan<int> piece, List<int> tokens)
    {
        if (piece.Length > _nodes.Length)
            Array.Resize(ref _nodes, Math.Max(piece.Length, 2 * _nodes.Length));

        for (var i = 0; i < piece.Length; i++)
            _nodes[i] = new Node { Token = piece[i], Previous = i - 1, Next = i + 1 };
        _nodes[piece.Length - 1].Next = None;
        var isShort = piece.Length <= ShortPiece;
        for (var i = 0; i < piece.Length; i++)
            Offer(i, isShort);
        if (isShort)
            MergeByLooking();
        else
            MergeByQueue();

        for (var i = 0; i != None; i = _nodes[i].Next)
            tokens.Add(_nodes[i].Token);
    }

    private void MergeByLooking()
    {
        while (true)
        {
            var (best, lowest) = (None, int.MaxValue);
            for (var i = 0; i != None; i = _nodes[i].Next)
            {
                if (_nodes[i].Rank != None && _nodes[i].Rank < lowest)
                    (best, lowest) = (i, _nodes[i].Rank);
            }

            if (best == None)
                return;
            MergeWithNext(best, isShort: true);
        }
    }

    private void MergeByQueue()
    {
        while (_queue.TryDequeue(out var position, out var priority))
        {
            if (_nodes[position].Rank == priority.Rank)
                MergeWithNext(position, isShort: false);
        }
    }

    private void MergeWithNext(int position, bool isShort)
    {
        ref var node = ref _nodes[position];
        ref var absorbed = ref _nodes[node.Next];
        node.Token = node.Merged;
        node.Next = absorbed.Next;
        absorbed.Rank = None;
        if (node.Next != None)
            _nodes[node.Next].Previous = position;
        Offer(position, isShort);
        if (node.Previous != None)
            Offer(node.Previous, isShort);
    }

    /// <summary>Notes what the token at a position and its successor can merge into.</summary>
    private void Offer(int position, bool isShort)
    {
        ref var node = ref _nodes[position];
        node.Rank = None;
        if (node.Next == None || !merges.TryGet(node.Token, _nodes[node.Next].Token, out var merge))
            return;

        node.Rank = merge.Rank;
        node.Merged = merge.Token;
        if (!isShort)
            _queue.Enqueue(position, (merge.Rank, position));
    }

    private struct Node
    {
        public int Token;
        public int Previous;
        public int Next;

        /// <summary>Rank of the merge with the next token, or <see cref="None"/>.</summary>
        public int Rank;

        /// <summary>The token that the merge gives.</summary>
        public int Merged;
    }
}
