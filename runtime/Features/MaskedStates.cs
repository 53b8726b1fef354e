using GptGen.Text;

namespace GptGen.Features;

/// <summary>Vectors of a model that sees a text from both sides, in batches of texts of about one length.</summary>
internal sealed class MaskedStates(MaskedModel model, WordPieceTokenizer tokenizer, FeaturePooling pooling) : ITextStates
{
    // More texts at once are no faster, but take more memory.
    private const int MostTexts = 32;
    private const int MostRows = 2048;

    /// <inheritdoc/>
    public int[] Encode(string text) => tokenizer.Join(tokenizer.Encode(text)).Tokens;

    /// <inheritdoc/>
    public float[][] Compute(int[][] tokens, CancellationToken cancellation)
    {
        var vectors = new float[tokens.Length][];
        var batches = TextBatches.Of(tokens, MostTexts, MostRows);
        var sequences = batches.Max(static batch => batch.Length);
        // The longest batch has few texts, the largest short ones: the graph needs rows for either, not for as many of the longest.
        var rows = batches.Max(batch => batch.Length * tokens[batch[^1]].Length);
        using var graph = model.CreateEncoding(sequences, (rows + sequences - 1) / sequences);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            Compute(graph, tokens, batch, vectors);
        }

        return vectors;
    }

    private void Compute(MaskedEncodingGraph graph, int[][] tokens, int[] batch, float[][] vectors)
    {
        var (length, width) = (tokens[batch[^1]].Length, model.Description.Width);
        var padded = TextBatches.Pad(tokens, batch);
        graph.Encode(length, padded, [], Array.ConvertAll(batch, text => tokens[text].Length));
        var states = new float[padded.Length * width];
        graph.ReadHidden(states);
        for (var sequence = 0; sequence < batch.Length; sequence++)
        {
            var rows = pooling == FeaturePooling.Mean ? tokens[batch[sequence]].Length : 1;
            RowMean.Of(states.AsSpan(sequence * length * width, rows * width), vectors[batch[sequence]] = new float[width]);
        }
    }
}
