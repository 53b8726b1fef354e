namespace GptGen.Checkpoints;

/// <summary>
/// The biases that Hugging Face's class of a model has and a model declared without does not: as zeros it computes the same, and the library has
/// nothing to initialise by itself.
/// </summary>
internal static class ZeroBiases
{
    /// <summary>The tensors, beside the model's own, of a file without some parts of the model.</summary>
    internal static IEnumerable<TensorSource> Of(ModelDescription model, IReadOnlyList<string> missingParts) =>
        model.AbsentBiases.Where(bias => !missingParts.Any(part => TensorNaming.IsUnder(bias.Name, part)))
            .Select(bias => new TensorSource(model.Naming.FileName(bias.Name), [bias.Size], static (_, values) => values.Clear()));

    /// <summary>Those with an entry a token, which are added to the token table's scores.</summary>
    internal static IEnumerable<string> TokenBiases(ModelDescription model) =>
        model.Naming.TokenTensors.Intersect(model.AbsentBiases.Select(static bias => bias.Name));
}
