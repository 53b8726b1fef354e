using System.Runtime.InteropServices;

namespace GptGen.Generation;

/// <summary>
/// Beam search over any graph that decodes slots, for many sources at once: after each token the most probable beginnings of each source live on, and
/// a source leaves the batch once it has as many finished texts as beams and no beginning scores better than the worst of them. As with Hugging
/// Face's default (<c>early_stopping=False</c>) a beginning is scored by its present length, so that with a length penalty a text that would have
/// become better later may be missed. Nothing is drawn, and what is found does not depend on the other sources. A token allocates nothing.
/// </summary>
internal sealed class BeamSearch
{
    private readonly IDecodingSlots graph;
    private readonly BeamOptions options;
    private readonly int? end;
    private readonly int[] forbidden;
    private readonly float[] logits;
    private readonly int limit;
    private readonly BeamCandidates candidates;
    private readonly List<SlotCopy> copies;

    /// <summary>Prepares searches.</summary>
    /// <param name="graph">What decodes; a source takes as many slots as there are beams.</param>
    /// <param name="options">How to search.</param>
    /// <param name="end">The token that ends a text, or null.</param>
    /// <param name="limit">Tokens from this number on are never written: the tokenizer has no text for them.</param>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    internal BeamSearch(IDecodingSlots graph, BeamOptions options, int? end, int limit)
    {
        options.Validate();
        foreach (var token in options.Forbidden)
        {
            if ((uint)token >= (uint)graph.Vocabulary)
                throw new GptGenException($"Token {token} cannot be forbidden: there are {graph.Vocabulary}.");
        }

        (this.graph, this.options, this.end, this.limit) = (graph, options, end, limit);
        forbidden = [.. options.Forbidden];
        logits = new float[graph.Vocabulary];
        candidates = new(2 * options.Beams);
        copies = new(graph.Slots);
    }

    /// <summary>The best texts of each source, best first.</summary>
    /// <param name="positions">
    /// How many positions of each source are in its first slot, the source's number x beams. The graph's last call has left what follows source s in
    /// row s of its logits.
    /// </param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    internal BeamHypothesis[][] Run(ReadOnlySpan<int> positions, CancellationToken cancellation = default)
    {
        if (positions.Length > graph.Slots / options.Beams)
        {
            throw new GptGenException(
                $"{positions.Length} sources with {options.Beams} beams each do not fit a graph made for {graph.Slots} sequences.");
        }

        var sources = new BeamSource[positions.Length];
        for (var index = 0; index < sources.Length; index++)
        {
            // The last token is read by nobody and needs no position.
            var most = Math.Min(options.Tokens, graph.Capacity - positions[index] + 1);
            sources[index] = new(options, index * options.Beams, positions[index], most, end);
        }

        var inputs = new int[3 * graph.Slots];
        var active = sources.ToList();
        Advance(active);
        while (active.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            Decode(active, inputs);
            Advance(active);
        }

        return Array.ConvertAll(sources, static source => source.Finished);
    }

    private void Decode(List<BeamSource> active, int[] inputs)
    {
        var rows = 0;
        foreach (var source in active)
            rows += source.Rows;
        Span<int> tokens = inputs.AsSpan(0, rows), places = inputs.AsSpan(rows, rows), slots = inputs.AsSpan(2 * rows, rows);
        var first = 0;
        foreach (var source in active)
        {
            source.Fill(tokens[first..], places[first..], slots[first..]);
            first += source.Rows;
        }

        graph.Decode(tokens, places, slots);
    }

    /// <summary>Reads what may follow each beginning, chooses, and makes the cache follow.</summary>
    private void Advance(List<BeamSource> active)
    {
        var row = 0;
        copies.Clear();
        foreach (var source in active)
        {
            candidates.Clear();
            for (var beam = 0; beam < source.Rows; beam++)
            {
                graph.ReadLogits(row++, logits);
                foreach (var token in forbidden)
                    logits[token] = float.NegativeInfinity;
                candidates.Offer(beam, source.LogProbability(beam), logits.AsSpan(0, limit));
            }

            source.Advance(candidates.Best, copies);
        }

        active.RemoveAll(static source => source.Rows == 0);
        graph.CopySlots(CollectionsMarshal.AsSpan(copies));
    }
}
