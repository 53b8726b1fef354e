using GptGen.Text;

namespace GptGen.Features;

/// <summary>Vectors of a model that predicts each next token, text by text.</summary>
internal sealed class LanguageStates(LanguageModel model, Tokenizer tokenizer, FeaturePooling pooling) : ITextStates
{
    /// <inheritdoc/>
    public int[] Encode(string text) => tokenizer.Encode(text);

    /// <inheritdoc/>
    public float[][] Compute(int[][] tokens, CancellationToken cancellation)
    {
        var longest = tokens.Max(static text => text.Length);
        using var graph = model.CreateInference(1, longest, longest, pooling == FeaturePooling.Mean ? longest : 1);
        return [.. tokens.Select(text => Compute(graph, text, cancellation))];
    }

    private float[] Compute(LanguageInferenceGraph graph, int[] tokens, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var vector = new float[model.Description.Width];
        if (pooling == FeaturePooling.LastToken)
        {
            graph.Prefill(tokens.Length, tokens, [tokens.Length], [0]);
            graph.ReadHidden(0, vector);
            return vector;
        }

        graph.PrefillAllLogits(tokens.Length, tokens, [tokens.Length], [0]);
        var states = new float[tokens.Length * vector.Length];
        for (var row = 0; row < tokens.Length; row++)
            graph.ReadHidden(row, states.AsSpan(row * vector.Length, vector.Length));
        RowMean.Of(states, vector);
        return vector;
    }
}
