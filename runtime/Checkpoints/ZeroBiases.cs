namespace GptGen.Checkpoints;

/// <summary>
/// The biases that Hugging Face's class of a model has and a model declared without does not: as zeros it computes the same, and the library has
/// nothing to initialise by itself.
/// </summary>
internal static class ZeroBiases
{
    private const string Weight = ".weight";
    private const string Bias = ".bias";

    /// <summary>Families whose classes have biases in every linear layer, task heads included.</summary>
    private static readonly string[] s_biasedFamilies = ["bert", "marian"];

    /// <summary>The tensors, beside those that a file has of the model.</summary>
    internal static IEnumerable<TensorSource> Of(ModelDescription model, IReadOnlyList<ParameterInfo> there)
    {
        if (model.Biases)
            return [];
        var ofWeights = there.Where(parameter => IsBiased(model, parameter))
            .Select(static parameter => (Name: string.Concat(parameter.Name.AsSpan(0, parameter.Name.Length - Weight.Length), Bias), parameter.Rows));
        var ofTokens = TokenBiases(model).Where(bias => there.Any(parameter => TensorNaming.IsUnder(parameter.Name, PartOf(bias))))
            .Select(bias => (Name: bias, Rows: model.Vocabulary));
        return ofWeights.Concat(ofTokens)
            .Select(bias => new TensorSource(model.Naming.FileName(bias.Name), [bias.Rows], static (_, values) => values.Clear()));
    }

    /// <summary>The biases with an entry a token that the family's class adds to the token table's scores and the model does not have.</summary>
    internal static IEnumerable<string> TokenBiases(ModelDescription model) => model.Biases ? []
        : model.Naming.TokenTensors.Where(static name => name.EndsWith(Bias, StringComparison.Ordinal))
            .Except(model.Tensors.Select(static tensor => tensor.Name));

    private static string PartOf(string bias) => bias[..^Bias.Length];

    /// <summary>LayerNorm's gains, what Conv1D stores, and linear layers; the heads of GPTs are without, and tables are no layers.</summary>
    private static bool IsBiased(ModelDescription model, ParameterInfo parameter) => parameter.Name.EndsWith(Weight, StringComparison.Ordinal)
        && (parameter.Layout == StoredLayout.Conv1D
            || parameter is { IsMatrix: false, Initialization: Initialization.Ones }
            || parameter.IsMatrix && s_biasedFamilies.Contains(model.Family) && !IsTable(model, parameter.Name));

    // The class calls its tables so.
    private static bool IsTable(ModelDescription model, string name) =>
        model.Naming.TokenTensors.Contains(name) || name.EndsWith("embeddings.weight", StringComparison.Ordinal);
}
