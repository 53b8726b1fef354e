using GptGen.Text;

namespace GptGen.Features;

/// <summary>
/// Vectors of a model that predicts each next token. Short texts are computed at once as far as that leaves each the vector that it has alone, to
/// the last bit.
/// </summary>
internal sealed class LanguageStates(LanguageModel model, Tokenizer tokenizer, FeaturePooling pooling) : ITextStates
{
    /// <inheritdoc/>
    public int[] Encode(string text) => tokenizer.Encode(text);

    /// <inheritdoc/>
    public float[][] Compute(int[][] tokens, CancellationToken cancellation)
    {
        var vectors = new float[tokens.Length][];
        var most = model.Device.IndependentRows(Math.Max(model.Description.Width, model.Description.HiddenWidth));
        // Long texts stand alone and short ones together, by a graph each: one for both would have room for as many long ones.
        foreach (var batches in TextBatches.Of(tokens, Math.Max(1, most), most).GroupBy(static batch => batch.Length > 1))
        {
            var sequences = batches.Max(static batch => batch.Length);
            var longest = batches.Max(batch => tokens[batch[^1]].Length);
            var rows = batches.Max(batch => batch.Length * tokens[batch[^1]].Length);
            using var graph = model.CreateInference(sequences, longest, rows, pooling == FeaturePooling.Mean ? rows : sequences);
            foreach (var batch in batches)
            {
                cancellation.ThrowIfCancellationRequested();
                Compute(graph, tokens, batch, vectors);
            }
        }

        return vectors;
    }

    private void Compute(LanguageInferenceGraph graph, int[][] tokens, int[] batch, float[][] vectors)
    {
        var (length, width) = (tokens[batch[^1]].Length, model.Description.Width);
        var padded = TextBatches.Pad(tokens, batch);
        var lengths = Array.ConvertAll(batch, text => tokens[text].Length);
        int[] slots = [.. Enumerable.Range(0, batch.Length)];
        if (pooling == FeaturePooling.Mean)
            graph.PrefillAllLogits(length, padded, lengths, slots);
        else
            graph.Prefill(length, padded, lengths, slots);
        for (var sequence = 0; sequence < batch.Length; sequence++)
        {
            var vector = vectors[batch[sequence]] = new float[width];
            if (pooling == FeaturePooling.LastToken)
            {
                graph.ReadHidden(sequence, vector);
                continue;
            }

            var states = new float[lengths[sequence] * width];
            for (var row = 0; row < lengths[sequence]; row++)
                graph.ReadHidden((sequence * length) + row, states.AsSpan(row * width, width));
            RowMean.Of(states, vector);
        }
    }
}
