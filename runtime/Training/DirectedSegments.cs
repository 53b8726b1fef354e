using GptGen.Text;

namespace GptGen.Training;

/// <summary>Segments of streams as a bidirectional model reads them: each stream forward from its beginning and backward from its end.</summary>
internal sealed class DirectedSegments
{
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly int[] lengths;
    private readonly int[] characters;
    private readonly Tokenizer? tokenizer;

    /// <param name="model">The model.</param>
    /// <param name="streams">The streams.</param>
    /// <param name="atOnce">The most that are read at once.</param>
    /// <param name="tokenizer">What the tokens are made of, for a model that reads characters.</param>
    internal DirectedSegments(BidirectionalModel model, StreamBatches streams, int atOnce, Tokenizer? tokenizer)
    {
        var each = model.Description.CharactersPerToken;
        if (each > 0 && tokenizer is null)
            throw new GptGenException($"{model.Description.Name} reads the characters of tokens: name the tokenizer of the data.");
        this.tokenizer = each > 0 ? tokenizer : null;
        characters = new int[checked(2 * atOnce * streams.Length * each)];
        Streams = streams;
        tokens = new int[checked(2 * atOnce * streams.Length)];
        targets = new int[tokens.Length];
        lengths = new int[atOnce];
    }

    /// <summary>The streams.</summary>
    internal StreamBatches Streams { get; }

    /// <summary>What the last batch should predict, [2, streams at once, length].</summary>
    internal ReadOnlySpan<int> Targets => targets;

    /// <summary>Sets a graph's batch to a segment of the streams of a state. Allocates nothing.</summary>
    internal void Set(BidirectionalTrainingGraph graph, RecurrentState state, long segment, int firstStream, float weight)
    {
        var length = Streams.LengthOf(segment);
        var count = state.Sequences;
        var rows = count * length;
        var allTokens = tokens.AsSpan(0, 2 * rows);
        var allTargets = targets.AsSpan(0, 2 * rows);
        Streams.Fill(segment, firstStream, allTokens[..rows], allTargets[..rows]);
        Streams.FillBackward(segment, firstStream, allTokens[rows..], allTargets[rows..]);
        for (var stream = 0; stream < count; stream++)
            lengths[stream] = length - allTargets.Slice(stream * length, length).Count(TokenWindow.Ignored);
        var read = allTokens;
        if (tokenizer is not null)
        {
            read = characters.AsSpan(0, allTokens.Length * WordCharacters.Count);
            WordCharacters.Write(tokenizer, allTokens, read);
        }

        graph.SetBatch(state, count, length, read, allTargets, lengths.AsSpan(0, count), weight);
    }
}
