namespace GptGen.Sampling;

/// <summary>
/// Tokens from the largest logit down, found one at a time: filters look at a few of many thousand, so sorting them all would be waste. The
/// candidates form a heap, built in linear time; each token taken from it moves behind the heap's end, in reverse order. Equal logits rank by
/// token number.
/// </summary>
internal sealed class TokenRanking(int vocabularySize)
{
    private readonly Candidate[] _candidates = new Candidate[vocabularySize];
    private readonly float[] _maxima = new float[vocabularySize];
    private int _heapSize;

    /// <summary>The number of candidates.</summary>
    public int Count { get; private set; }

    /// <summary>Ranks other logits.</summary>
    /// <param name="logits">The logits, without NaN.</param>
    /// <param name="floor">Tokens with a smaller logit are left out.</param>
    public void Restart(ReadOnlySpan<float> logits, float floor)
    {
        Count = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (logits[token] >= floor)
                _candidates[Count++] = new Candidate(logits[token], token);
        }

        _heapSize = Count;
        for (var i = _heapSize / 2 - 1; i >= 0; i--)
            SiftDown(i);
    }

    /// <summary>The token of a rank, below <see cref="Count"/>; rank 0 has the largest logit.</summary>
    public int At(int rank)
    {
        while (Count - _heapSize <= rank)
        {
            _heapSize--;
            (_candidates[0], _candidates[_heapSize]) = (_candidates[_heapSize], _candidates[0]);
            SiftDown(0);
        }

        return _candidates[Count - 1 - rank].Token;
    }

    /// <summary>
    /// A logit that at least <paramref name="count"/> tokens reach, and few more. The vocabulary is cut into groups: where that many groups'
    /// maxima reach a value, so do that many tokens.
    /// </summary>
    /// <param name="logits">The logits, without NaN.</param>
    /// <param name="count">The number of tokens, from 1 to V.</param>
    public float FloorOfBest(ReadOnlySpan<float> logits, int count)
    {
        const int LeastGroups = 512;
        var groups = (int)Math.Min(logits.Length, Math.Max(LeastGroups, 4L * count));
        var maxima = _maxima.AsSpan(0, groups);
        for (var group = 0; group < groups; group++)
        {
            var (start, end) = ((int)((long)group * logits.Length / groups), (int)((group + 1L) * logits.Length / groups));
            var maximum = float.NegativeInfinity;
            foreach (var logit in logits[start..end])
                maximum = logit > maximum ? logit : maximum;
            maxima[group] = maximum;
        }

        maxima.Sort();
        return maxima[^count];
    }

    private void SiftDown(int parent)
    {
        var candidate = _candidates[parent];
        for (int child; (child = 2 * parent + 1) < _heapSize; parent = child)
        {
            if (child + 1 < _heapSize && _candidates[child + 1].Precedes(_candidates[child]))
                child++;
            if (!_candidates[child].Precedes(candidate))
                break;
            _candidates[parent] = _candidates[child];
        }

        _candidates[parent] = candidate;
    }

    private readonly record struct Candidate(float Logit, int Token)
    {
        public bool Precedes(in Candidate other) => Logit > other.Logit || Logit == other.Logit && Token < other.Token;
    }
}
