namespace GptGen.Checkpoints;

/// <summary>Which of some models weights belong to.</summary>
/// <param name="Found">The model; null when they fit none.</param>
/// <param name="Nearest">The model that comes nearest; null when there is none to compare with.</param>
/// <param name="Difference">How the weights differ from the nearest, as one sentence; null when they fit.</param>
internal sealed record ModelSearch(ModelDescription? Found, ModelDescription? Nearest, string? Difference)
{
    internal static ModelSearch OfLlmc(string path, IEnumerable<ModelDescription> models) =>
        Best(models.Select(model => LlmcCheckpoint.Differences(path, model) is var differences && differences is [var first, ..]
            ? new Candidate(model, differences.Count, 0, $"'{path}' holds another model: its {first}")
            : new Candidate(model, 0, 0, null)));

    /// <summary>
    /// Compares configurations and tensors. What a configuration alone names is meant, even if tensors are missing: loading then says which.
    /// </summary>
    internal static ModelSearch Of(WeightFiles files, ModelConfigs configs, IEnumerable<ModelDescription> models)
    {
        var named = new List<ModelDescription>();
        var candidates = new List<Candidate>();
        foreach (var model in models)
        {
            var (count, first) = configs.Differences(model);
            if (count == 0)
                named.Add(model);
            var map = WeightMap.Examine(files, model);
            // A key of the configuration tells more of a model than a tensor.
            candidates.Add(new(model, (1000L * count) + (map.Misfit?.Count ?? 0), map.PaddingRows, first ?? map.Misfit?.Message));
        }

        var search = Best(candidates);
        return search.Found is null && named is [var only] ? new(only, only, null) : search;
    }

    private static ModelSearch Best(IEnumerable<Candidate> candidates) =>
        candidates.MinBy(static candidate => (candidate.Differences, candidate.Padding)) is not { } nearest ? new(null, null, null)
        : nearest.Difference is null ? new(nearest.Model, nearest.Model, null)
        : new(null, nearest.Model, nearest.Difference);

    private sealed record Candidate(ModelDescription Model, long Differences, long Padding, string? Difference);
}
