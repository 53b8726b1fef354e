using GptGen.Text;

namespace GptGen.Features;

/// <summary>How the states of a text's tokens become one vector.</summary>
public enum FeaturePooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The last token's, which alone has seen the whole text.</summary>
    LastToken,
}

/// <summary>Vectors of texts from a model's final hidden states (after the final LayerNorm where there is one). Weights are only read.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Its tokenizer; special tokens in texts are ordinary text.</param>
/// <param name="pooling">How one vector is made of all states.</param>
public sealed class TextFeatures(LanguageModel model, Tokenizer tokenizer, FeaturePooling pooling = FeaturePooling.Mean)
{
    /// <summary>The model.</summary>
    public LanguageModel Model => model;

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer => tokenizer;

    /// <summary>The vectors of texts, [width] each.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellation">Ends the work between two texts.</param>
    /// <exception cref="GptGenException">A text is empty or longer than the context, or the weights give no numbers.</exception>
    public IReadOnlyList<TextVector> Compute(IEnumerable<string> texts, CancellationToken cancellation = default)
    {
        int[][] tokens = [.. texts.Select(tokenizer.Encode)];
        for (var text = 0; text < tokens.Length; text++)
        {
            if (tokens[text].Length == 0 || tokens[text].Length > model.Description.Context)
            {
                throw new GptGenException(
                    $"Text {text + 1} has {tokens[text].Length} tokens, but must have between 1 and {model.Description.Context}: leave it out, "
                    + "or split it.");
            }
        }

        if (tokens.Length == 0)
            return [];
        var longest = tokens.Max(static text => text.Length);
        using var graph = model.CreateInference(1, longest, longest, pooling == FeaturePooling.Mean ? longest : 1);
        return [.. tokens.Select(text => Compute(graph, text, cancellation))];
    }

    private TextVector Compute(InferenceGraph graph, int[] tokens, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var vector = new float[model.Description.Width];
        if (pooling == FeaturePooling.LastToken)
        {
            graph.Prefill(tokens.Length, tokens, [tokens.Length], [0]);
            graph.ReadHidden(0, vector);
        }
        else
        {
            graph.PrefillAllLogits(tokens.Length, tokens, [tokens.Length], [0]);
            Average(graph, tokens.Length, vector);
        }

        return vector.All(float.IsFinite)
            ? new(vector, tokens.Length)
            : throw new GptGenException(
                "A text's features are no numbers: the weights are damaged or their training diverged; use an earlier checkpoint.");
    }

    private static void Average(InferenceGraph graph, int rows, float[] mean)
    {
        var (state, sum) = (new float[mean.Length], new double[mean.Length]);
        for (var row = 0; row < rows; row++)
        {
            graph.ReadHidden(row, state);
            for (var i = 0; i < sum.Length; i++)
                sum[i] += state[i];
        }

        for (var i = 0; i < mean.Length; i++)
            mean[i] = (float)(sum[i] / rows);
    }
}

/// <summary>A text's vector.</summary>
/// <param name="Values">The vector, [width].</param>
/// <param name="Tokens">The text's length.</param>
public readonly record struct TextVector(float[] Values, int Tokens);
