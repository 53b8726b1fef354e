using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>What is said of a model beside its weights and in them.</summary>
internal sealed class ModelConfigs : IDisposable
{
    private readonly List<ConfigFile> files = [];

    private ModelConfigs()
    {
    }

    /// <summary>Reads the <c>config.json</c> beside weights, if there is one, and the configuration that their metadata carry, if they do.</summary>
    /// <exception cref="GptGenException">
    /// One is damaged; or an adapter beside the weights changes them.
    /// </exception>
    internal static ModelConfigs Of(WeightFiles weights)
    {
        var configs = new ModelConfigs();
        try
        {
            var folder = Path.GetDirectoryName(weights.Path) ?? "";
            foreach (var name in NamesBeside(Path.GetFileName(weights.Path)))
            {
                var beside = Path.Combine(folder, name);
                // Also what cannot be read, or leads nowhere: it is not passed over.
                if (FileStatus.Of(beside).Kind != FileKind.Missing || new FileInfo(beside).LinkTarget is not null)
                    configs.files.Add(ConfigFile.Open(beside));
            }

            var isFolder = Path.GetFileName(weights.Path) is WeightFiles.FileName or WeightFiles.IndexName;
            var adapter = Path.Combine(folder, "adapter_config.json");
            if (isFolder && File.Exists(adapter))
            {
                throw new GptGenException(
                    $"'{adapter}' belongs to an adapter (LoRA) beside the weights, which changes them and is not applied: "
                    + "merge it in Python (merge_and_unload() of PEFT), or move it away.");
            }

            if (weights.Metadata.TryGetValue(TrainingCheckpoint.ConfigKey, out var carried))
                configs.files.Add(ConfigFile.Parse(System.Text.Encoding.UTF8.GetBytes(carried), weights.Path));
            return configs;
        }
        catch
        {
            configs.Dispose();
            throw;
        }
    }

    /// <summary>Throws unless they agree with a model.</summary>
    /// <exception cref="GptGenException">They describe another.</exception>
    internal void Check(ModelDescription model, Action<string>? note)
    {
        foreach (var file in files)
            file.Check(model, note);
    }

    // More than any two models of a family differ in.
    private const int OtherFamily = 1000;

    /// <summary>
    /// How many things they say differently of a model, another family counting as very many, and the first of them as the beginning of a sentence.
    /// </summary>
    internal (int Count, string? First) Differences(ModelDescription model)
    {
        var (count, first) = (0, (string?)null);
        foreach (var file in files)
        {
            var differences = file.Differences(model);
            count += file.OtherFamily(model) is null ? differences.Count : OtherFamily;
            if (differences is [var difference, ..])
                first ??= file.Describe(difference, model);
        }

        return (count, first);
    }

    /// <summary>What files of configuration beside weights are called: bilm-tf's after the weights.</summary>
    private static IEnumerable<string> NamesBeside(string weights)
    {
        const string Hdf5Ending = "weights.hdf5";
        const string Options = "options.json";
        yield return ModelConfig.FileName;
        if (!weights.EndsWith(Hdf5Ending, StringComparison.Ordinal))
            yield break;
        if (weights.Length > Hdf5Ending.Length)
            yield return weights[..^Hdf5Ending.Length] + Options;
        yield return Options;
    }

    /// <inheritdoc/>
    public void Dispose() => files.ForEach(static file => file.Dispose());
}
