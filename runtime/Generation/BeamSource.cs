namespace GptGen.Generation;

/// <summary>
/// The search of one source: the beginnings that are alive, each in a slot of its own, and the best texts that are finished, as many of either as
/// there are beams. What is taken and when it ends follows Hugging Face's default, <c>early_stopping=False</c>.
/// </summary>
internal sealed class BeamSource
{
    /// <summary>Places in the tree for which memory is there from the beginning.</summary>
    private const int MostReserved = 1 << 16;

    private readonly BeamOptions options;
    private readonly int firstSlot;
    private readonly int positions;
    private readonly int mostTokens;
    private readonly int? end;

    /// <summary>Tokens of all beginnings that there were, each with the one before it.</summary>
    private readonly List<(int Before, int Token)> tree;
    private readonly List<BeamHypothesis> finished;
    private readonly bool[] isTaken;
    private List<Beam> alive;
    private List<Beam> next;
    private int length;

    /// <summary>Begins with nothing written.</summary>
    /// <param name="options">How to search.</param>
    /// <param name="firstSlot">The slot that holds the source, the first of as many as there are beams.</param>
    /// <param name="positions">Positions that the slot has.</param>
    /// <param name="mostTokens">The most tokens of a text.</param>
    /// <param name="end">The token that ends a text, or null.</param>
    internal BeamSource(BeamOptions options, int firstSlot, int positions, int mostTokens, int? end)
    {
        (this.options, this.firstSlot, this.positions, this.mostTokens, this.end) = (options, firstSlot, positions, mostTokens, end);
        isTaken = new bool[options.Beams];
        finished = new(options.Beams);
        tree = new((int)Math.Min((long)options.Beams * mostTokens, MostReserved));
        (alive, next) = (new(options.Beams) { new(firstSlot, -1, 0) }, new(options.Beams));
    }

    /// <summary>A beginning: its slot, its last token's place in the tree, its log probability.</summary>
    private readonly record struct Beam(int Slot, int Last, double LogProbability);

    /// <summary>Beginnings that are alive: rows of the next call, none when the search has ended.</summary>
    internal int Rows => alive.Count;

    /// <summary>The best finished texts, as many as are wanted, best first.</summary>
    internal BeamHypothesis[] Finished => [.. finished.Take(options.Best)];

    /// <summary>What the next call decodes: each beginning's last token.</summary>
    internal void Fill(Span<int> tokens, Span<int> places, Span<int> slots)
    {
        for (var beam = 0; beam < alive.Count; beam++)
            (tokens[beam], places[beam], slots[beam]) = (tree[alive[beam].Last].Token, positions + length - 1, alive[beam].Slot);
    }

    /// <summary>The log probability of a beginning.</summary>
    internal double LogProbability(int beam) => alive[beam].LogProbability;

    /// <summary>
    /// Takes the best continuations, twice as many as there are beams where there are so many. One that ends is finished if it is among the first, as
    /// many as there are beams; as many of the others live on. Adds the copies between slots that these need before the next call. Beginnings that
    /// are alive when the search ends are dropped, but at the most tokens they are finished.
    /// </summary>
    internal void Advance(ReadOnlySpan<BeamCandidate> candidates, List<SlotCopy> copies)
    {
        length++;
        next.Clear();
        for (var rank = 0; rank < candidates.Length && next.Count < options.Beams; rank++)
        {
            var candidate = candidates[rank];
            if (candidate.Token != end)
            {
                tree.Add((alive[candidate.Beam].Last, candidate.Token));
                next.Add(new(alive[candidate.Beam].Slot, tree.Count - 1, candidate.LogProbability));
            }
            else if (rank < options.Beams)
                Finish(candidate.LogProbability, alive[candidate.Beam].Last, isEnded: true);
        }

        if (length == mostTokens)
        {
            foreach (var beam in next)
                Finish(beam.LogProbability, beam.Last, isEnded: false);
        }

        if (length == mostTokens || next.Count == 0 || IsDecided(next[0].LogProbability))
            next.Clear();
        else
            FindSlots(copies);
        (alive, next) = (next, alive);
    }

    /// <summary>
    /// Whether there are as many finished texts as beams, and the most probable beginning would be no better than the worst of them if it were a text
    /// of its present length.
    /// </summary>
    private bool IsDecided(double logProbability) =>
        finished.Count == options.Beams && finished[^1].Score >= options.LengthPenalty.Score(logProbability, length);

    /// <summary>Keeps a text of the present length if it is one of the best.</summary>
    /// <param name="logProbability">Of the text.</param>
    /// <param name="last">The place in the tree of its last token, that which ends it left out.</param>
    /// <param name="isEnded">Whether the token that ends texts follows.</param>
    private void Finish(double logProbability, int last, bool isEnded)
    {
        var score = options.LengthPenalty.Score(logProbability, length);
        var place = finished.FindLastIndex(text => text.Score >= score) + 1;
        if (place == options.Beams)
            return;
        var tokens = new int[length];
        var written = length;
        if (isEnded)
            tokens[--written] = end!.Value;
        for (var node = last; written > 0; node = tree[node].Before)
            tokens[--written] = tree[node].Token;
        if (finished.Count == options.Beams)
            finished.RemoveAt(options.Beams - 1);
        finished.Insert(place, new(tokens, logProbability, score, isEnded));
    }

    /// <summary>A beginning's first continuation stays in its slot, others go to slots whose beginnings have none.</summary>
    private void FindSlots(List<SlotCopy> copies)
    {
        isTaken.AsSpan().Clear();
        for (var index = 0; index < next.Count; index++)
        {
            // A slot that must be copied from is negative until a free one is found.
            var slot = next[index].Slot;
            ref var taken = ref isTaken[slot - firstSlot];
            next[index] = next[index] with { Slot = taken ? ~slot : slot };
            taken = true;
        }

        for (var index = 0; index < next.Count; index++)
        {
            if (next[index].Slot >= 0)
                continue;
            var free = Array.IndexOf(isTaken, false);
            isTaken[free] = true;
            copies.Add(new(~next[index].Slot, firstSlot + free, positions + length - 1));
            next[index] = next[index] with { Slot = firstSlot + free };
        }
    }
}
