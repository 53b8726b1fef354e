using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Features;

/// <summary>
/// The vectors of a text's tokens from the layers of a bidirectional model, both directions side by side (Peters et al. 2018, equation 1):
/// gamma x the sum over the layers k of softmax(w)_k x h_k, h_0 being the embedding twice. Texts begin without a state.
/// </summary>
/// <param name="model">The model.</param>
public sealed class LayerFeatures(BidirectionalModel model)
{
    private const string MixName = "input_ELMo_W";
    private const string GammaName = "input_ELMo_gamma";

    // As bilm-tf and a task's mix have it.
    private const double Epsilon = 1e-12;

    /// <summary>The weights w, one a layer and one of the embedding; all 0, which mixes them alike, unless a task has learned others.</summary>
    public IReadOnlyList<float> Weights { get; init; } = new float[model.Description.Layers + 1];

    /// <summary>The factor of the mix.</summary>
    public float Gamma { get; init; } = 1;

    /// <summary>
    /// Whether each layer is normalised first, by the mean and the variance of all its numbers in the text, as a task with
    /// <see cref="ElmoAttribute.NormalizedMix"/> does over its batch.
    /// </summary>
    public bool IsNormalized { get; init; }

    /// <summary>
    /// Features by the mix that a task has learned, where weights hold one (<c>input_ELMo_W</c>, <c>input_ELMo_gamma</c>), as those of
    /// <c>gptgen finetune</c> do; otherwise by the plain mean.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">The weights.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or the mix is of another number of layers.</exception>
    public static LayerFeatures WithLearnedMix(BidirectionalModel model, string weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        var features = new LayerFeatures(model);
        var (mix, gamma) = (ModelCheckpoint.ReadTensor(weights, MixName), ModelCheckpoint.ReadTensor(weights, GammaName));
        if (mix is null && gamma is null)
            return features;
        return mix?.Length == features.Weights.Count && gamma?.Length == 1
            ? new(model) { Weights = mix, Gamma = gamma[0] }
            : throw new GptGenException(
                $"'{weights}': {MixName} has {mix?.Length ?? 0} numbers and {GammaName} {gamma?.Length ?? 0}, but a mix of "
                + $"{features.Weights.Count} layers needs as many and 1: use weights of this model.");
    }

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
            var (share, mean) = (Gamma * shares[index] / shares.Sum(), 0.0);
            if (IsNormalized)
            {
                mean = states.Average(static value => (double)value);
                share /= Math.Sqrt(states.Average(value => (value - mean) * (value - mean)) + Epsilon);
            }

            for (var place = 0; place < mixed.Length; place++)
                mixed[place] += share * (states[place] - mean);
        }

        return Array.ConvertAll(mixed, static value => (float)value);
    }
}
