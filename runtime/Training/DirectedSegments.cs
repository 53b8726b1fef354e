using GptGen.Text;

namespace GptGen.Training;

/// <summary>Segments of streams as a bidirectional model reads them: each stream forward from its beginning and backward from its end.</summary>
internal sealed class DirectedSegments
{
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly int[] lengths;

    /// <param name="streams">The streams.</param>
    /// <param name="atOnce">How many are read at once.</param>
    internal DirectedSegments(StreamBatches streams, int atOnce)
    {
        Streams = streams;
        tokens = new int[checked(2 * atOnce * streams.Length)];
        targets = new int[tokens.Length];
        lengths = new int[atOnce];
    }

    /// <summary>The streams.</summary>
    internal StreamBatches Streams { get; }

    /// <summary>What the last batch should predict, [2, streams at once, length].</summary>
    internal ReadOnlySpan<int> Targets => targets;

    /// <summary>Sets a graph's batch. Allocates nothing.</summary>
    internal void Set(BidirectionalTrainingGraph graph, RecurrentState state, long segment, int firstStream, float weight)
    {
        var length = Streams.LengthOf(segment);
        var rows = lengths.Length * length;
        var allTokens = tokens.AsSpan(0, 2 * rows);
        var allTargets = targets.AsSpan(0, 2 * rows);
        Streams.Fill(segment, firstStream, allTokens[..rows], allTargets[..rows]);
        Streams.FillBackward(segment, firstStream, allTokens[rows..], allTargets[rows..]);
        for (var stream = 0; stream < lengths.Length; stream++)
            lengths[stream] = length - allTargets.Slice(stream * length, length).Count(TokenWindow.Ignored);
        graph.SetBatch(state, lengths.Length, length, allTokens, allTargets, lengths, weight);
    }
}
