using GptGen.Text;

namespace GptGen.Features;

/// <summary>
/// The vectors of a text's tokens from the layers of a bidirectional model, both directions side by side (Peters et al. 2018, equation 1):
/// gamma x the sum over the layers k of softmax(w)_k x h_k, h_0 being the embedding twice. Texts begin without a state.
/// </summary>
/// <param name="model">The model.</param>
public sealed class LayerFeatures(BidirectionalModel model)
{
    /// <summary>The weights w, one a layer and one of the embedding; all 0, which mixes them alike, unless a task has learned others.</summary>
    public IReadOnlyList<float> Weights { get; init; } = new float[model.Description.Layers + 1];

    /// <summary>The factor of the mix.</summary>
    public float Gamma { get; init; } = 1;

    /// <summary>The vectors of a text, [tokens, 2 x width].</summary>
    /// <param name="tokens">
    /// The text, of 1 to context tokens; of a model that reads characters <see cref="WordCharacters.Count"/> for each word.
    /// </param>
    /// <param name="layer">The one layer that is read, from 0 to the number of layers; null for the mix of all.</param>
    /// <exception cref="GptGenException">A token is out of range, there are too few or too many, or weights of another number of layers.</exception>
    public float[] Compute(ReadOnlySpan<int> tokens, int? layer = null)
    {
        var layers = model.Description.Layers;
        if (Weights.Count != layers + 1)
            throw new GptGenException($"{model.Description.Name} has {layers + 1} layers to mix, the embedding included, not {Weights.Count}.");
        var count = tokens.Length / Math.Max(1, model.Description.CharactersPerToken);
        using var graph = model.CreateEncoding(1, count);
        graph.Encode(count, tokens, [count]);
        var states = new float[checked(2 * count * model.Description.Width)];
        if (layer is { } one)
        {
            graph.ReadLayer(one, states);
            return states;
        }

        var largest = Weights.Max();
        double[] shares = [.. Weights.Select(weight => Math.Exp(weight - largest))];
        var mixed = new double[states.Length];
        for (var index = 0; index <= layers; index++)
        {
            graph.ReadLayer(index, states);
            var share = Gamma * shares[index] / shares.Sum();
            for (var place = 0; place < mixed.Length; place++)
                mixed[place] += share * states[place];
        }

        return Array.ConvertAll(mixed, static value => (float)value);
    }
}
