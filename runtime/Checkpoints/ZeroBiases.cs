namespace GptGen.Checkpoints;

/// <summary>
/// The biases that Hugging Face's class of a GPT has and a model does without: as zeros it computes the same, and the library has nothing to
/// initialise by itself.
/// </summary>
internal static class ZeroBiases
{
    private const string Weight = ".weight";

    /// <summary>The tensors, beside those that a file has of the model.</summary>
    internal static IEnumerable<TensorSource> Of(ModelDescription model, IEnumerable<ParameterInfo> there) => model.Biases ? []
        : there.Where(IsBiased).Select(parameter => new TensorSource(
            model.Naming.FileName(string.Concat(parameter.Name.AsSpan(0, parameter.Name.Length - Weight.Length), ".bias")), [parameter.Rows],
            static (_, values) => values.Clear()));

    // LayerNorm's gains and what Conv1D stores; tables and heads have none.
    private static bool IsBiased(ParameterInfo parameter) => parameter.Name.EndsWith(Weight, StringComparison.Ordinal)
        && (parameter.Layout == StoredLayout.Conv1D || parameter is { IsMatrix: false, Initialization: Initialization.Ones });
}
