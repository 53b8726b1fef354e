using GptGen.Text;

namespace GptGen.Features;

/// <summary>How the states of a text's tokens become one vector.</summary>
public enum FeaturePooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The last token's, which alone has seen the whole text: for models that predict each next token.</summary>
    LastToken,

    /// <summary>The first token's, <c>[CLS]</c>: for models that see a text from both sides.</summary>
    FirstToken,
}

/// <summary>Vectors of texts from a model's final hidden states (after the final LayerNorm where there is one). Weights are only read.</summary>
public sealed class TextFeatures
{
    private readonly ITextStates _states;

    /// <summary>Features of a model that predicts each next token.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer; special tokens in texts are ordinary text.</param>
    /// <param name="pooling">How one vector is made of all states: their mean, or the last token's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pooling is not for such a model.</exception>
    public TextFeatures(LanguageModel model, Tokenizer tokenizer, FeaturePooling pooling = FeaturePooling.Mean)
    {
        Require(pooling, FeaturePooling.LastToken);
        (Model, Tokenizer, Pooling) = (model, tokenizer, pooling);
        _states = new LanguageStates(model, tokenizer, pooling);
    }

    /// <summary>Features of a model that sees a text from both sides, such as BERT. Texts stand between <c>[CLS]</c> and <c>[SEP]</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer; special tokens in texts are ordinary text.</param>
    /// <param name="pooling">How one vector is made of all states: their mean, marks included, or the first token's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pooling is not for such a model.</exception>
    public TextFeatures(MaskedModel model, WordPieceTokenizer tokenizer, FeaturePooling pooling = FeaturePooling.Mean)
    {
        Require(pooling, FeaturePooling.FirstToken);
        (Model, Tokenizer, Pooling) = (model, tokenizer, pooling);
        _states = new MaskedStates(model, tokenizer, pooling);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>How one vector is made of all states.</summary>
    public FeaturePooling Pooling { get; }

    /// <summary>Whether vectors are scaled to length 1, as models of sentence embeddings have them: their product is then their cosine.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>The vectors of texts, [width] each.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellation">Ends the work between two texts.</param>
    /// <exception cref="GptGenException">A text is empty or longer than the context, or the weights give no numbers.</exception>
    public IReadOnlyList<TextVector> Compute(IEnumerable<string> texts, CancellationToken cancellation = default)
    {
        int[][] tokens = [.. texts.Select(_states.Encode)];
        for (var text = 0; text < tokens.Length; text++)
        {
            if (tokens[text].Length == 0 || tokens[text].Length > Model.Description.Context)
            {
                throw new GptGenException(
                    $"Text {text + 1} has {tokens[text].Length} tokens, but must have between 1 and {Model.Description.Context}: "
                    + "leave it out, or split it.");
            }
        }

        if (tokens.Length == 0)
            return [];
        var vectors = _states.Compute(tokens, cancellation);
        return [.. tokens.Zip(vectors, (text, vector) => new TextVector(Finish(vector), text.Length))];
    }

    private static void Require(FeaturePooling pooling, FeaturePooling other)
    {
        if (pooling != FeaturePooling.Mean && pooling != other)
            throw new ArgumentOutOfRangeException(nameof(pooling), pooling, $"Such a model's features are {FeaturePooling.Mean} or {other}.");
    }

    private float[] Finish(float[] vector)
    {
        if (!vector.All(float.IsFinite))
        {
            throw new GptGenException(
                "A text's features are no numbers: the weights are damaged or their training diverged; use an earlier checkpoint.");
        }

        if (!IsNormalized)
            return vector;
        var length = Math.Sqrt(vector.Sum(static value => (double)value * value));
        return length > 0 ? Array.ConvertAll(vector, value => (float)(value / length)) : vector;
    }
}

/// <summary>A text's vector.</summary>
/// <param name="Values">The vector, [width].</param>
/// <param name="Tokens">The text's length, marks included.</param>
public readonly record struct TextVector(float[] Values, int Tokens);
