using GptGen.Generator.Graph;
using GptGen.Generator.Spec;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Architectures;

/// <summary>ELMo's embeddings of words from their characters: filters, highway layers and a projection (Kim et al. 2016).</summary>
internal static class ElmoCharacters
{
    private const string TableName = "char_embed";

    /// <summary>The bytes of words, the marks of a text's and of a word's beginning and end, and padding.</summary>
    private const int CharacterCount = 261;

    /// <summary>Of a uniform distribution between -0.05 and 0.05, which filters begin with.</summary>
    private const float FilterDeviation = 0.05f * Elmo.TableDeviation;

    /// <summary>The keys of options.json.</summary>
    public static IReadOnlyList<ConfigKey> Config(ElmoOptions options) =>
    [
        Elmo.Held("char_cnn.activation", "relu"),
        Elmo.Held("char_cnn.filters", options.Filters.Select((count, index) => new[] { index + 1, count }).ToArray()),
        Elmo.OrNone("char_cnn.n_highway", options.HighwayLayers, 0),
        Elmo.Held("char_cnn.embedding.dim", options.CharacterWidth),
        // One more once a row stands for no character.
        new("char_cnn.n_characters", CharacterCount),
        Elmo.Held("char_cnn.max_characters_per_token", GraphInput.CharactersPerToken),
    ];

    /// <summary>The embeddings of what both directions read.</summary>
    public static Value Embed(GraphBuilder graph, ElmoOptions options, Dimension width)
    {
        var characterWidth = Dimension.Of("CharacterWidth", options.CharacterWidth, "Width of a character's embedding.");
        var features = Dimension.Of("FilterCount", options.Filters.Sum(), "Number of filters of all widths.");
        var table = graph.AddParameter(
            "CharacterTable", TableName, Dimension.Of("CharacterCount", CharacterCount, "Number of characters."), characterWidth,
            Initialization.Normal, Elmo.TableDeviation);
        var filters = options.Filters.Select((count, index) =>
        {
            var seen = index + 1;
            var group = Dimension.Of($"FilterCount{seen}", count, $"Filters that see {seen} character{(seen == 1 ? "" : "s")} at once.");
            var window = seen == 1
                ? characterWidth
                : Dimension.Of($"Window{seen}", checked(seen * characterWidth.Size), $"Width of {seen} characters side by side.");
            return new CharacterFilters(
                graph.AddParameter(
                    $"Filters{seen}Weight", $"CNN/W_cnn_{index}", group, window, Initialization.Normal, FilterDeviation, StoredLayout.Convolution,
                    seen),
                graph.AddParameter($"Filters{seen}Bias", $"CNN/b_cnn_{index}", group, null, Initialization.Zeros));
        }).ToArray();
        graph.Heading("features of characters, for both directions");
        var x = graph.CharacterConvolution(
            "CharacterFeatures", GraphInput.DirectedCharacters, table, features, ActivationKind.Relu, filters);
        for (var layer = 0; layer < options.HighwayLayers; layer++)
            x = Highway(graph, layer, features, x);
        var projection = graph.AddParameter(
            "CharacterProjectionWeight", "CNN_proj/W_proj", width, features, Initialization.Normal, (float)Math.Pow(features.Size, -0.5),
            StoredLayout.Conv1D);
        var projectionBias = graph.AddParameter("CharacterProjectionBias", "CNN_proj/b_proj", width, null, Initialization.Zeros);
        graph.Heading("embedding");
        return graph.Linear("States", x, projection, projectionBias);
    }

    private static Value Highway(GraphBuilder graph, int layer, Dimension features, Value x)
    {
        StoredPart[] parts = [new("transform", features.Size), new("carry", features.Size)];
        var name = $"Highway{layer + 1}";
        var weight = graph.AddParameter(
            name + "Weight", $"CNN_high_{layer}/W_{Parameter.PartWord}", Dimension.Double(features), features, Initialization.Normal,
            (float)Math.Pow(features.Size, -0.5), StoredLayout.Conv1D).StoredIn(parts);
        var bias = graph.AddParameter(
            name + "Bias", $"CNN_high_{layer}/b_{Parameter.PartWord}", Dimension.Double(features), null, Initialization.HighwayBias)
            .StoredIn(parts);
        graph.Heading("highway");
        return graph.Highway(name, graph.Linear(name + "Gates", x, weight, bias), x);
    }
}
