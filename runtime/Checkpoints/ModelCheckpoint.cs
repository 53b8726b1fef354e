using System.Text;
using GptGen.Text;

namespace GptGen.Checkpoints;

/// <summary>A model's weights in files: Hugging Face's safetensors (one file or shards), llm.c's <c>.bin</c>, OpenAI's files of GPT-1, or a training checkpoint.</summary>
public static class ModelCheckpoint
{
    /// <summary>
    /// Sets a model's weights from <paramref name="path"/>: a folder with <c>model.safetensors</c> or <c>model.safetensors.index.json</c>, or with
    /// <c>params_shapes.json</c> and <c>params_0.npy</c> to <c>params_9.npy</c> (OpenAI's GPT-1), a run folder of training checkpoints (the newest
    /// counts, whatever lies beside it: <see cref="ModelFolder"/>), or one file. A <c>config.json</c> beside the weights must agree with the class.
    /// Everything is checked before the first weight is written.
    /// </summary>
    /// <exception cref="GptGenException">A file is missing or damaged, or holds another model.</exception>
    public static void Load(LanguageModel model, string path) => Load(model, model.Description, path);

    /// <summary>
    /// Sets a model with a task head from weights of the language model that it continues, as <c>Load</c>: every weight but the head's and the
    /// special tokens', which keep their values. Call <see cref="LanguageModel.Initialize"/> first.
    /// </summary>
    /// <exception cref="GptGenException">A file is missing or damaged, or holds another model.</exception>
    public static void LoadPretrained(TaskModel model, string path) => Load(model, WeightMap.WithoutTaskHead(model.Description), path);

    private static void Load(LanguageModel model, ModelDescription description, string path)
    {
        var file = Resolve(path);
        if (IsLlmc(file))
        {
            LlmcCheckpoint.Load(model, description, file);
            return;
        }

        using var files = WeightFiles.Open(file);
        CheckConfigs(files, description);
        var map = WeightMap.Create(files, description);
        if (files.Metadata.ContainsKey(CheckpointChecksum.Key))
            TrainingCheckpoint.OrNameAnother(file, () => CheckpointChecksum.Verify(file, needsFinite: false));
        foreach (var parameter in description.Parameters)
        {
            var (source, tensor) = map[parameter];
            ParameterTensors.Load(model.Parameters, parameter, source, tensor);
        }
    }

    /// <summary>
    /// The one of some models that weights belong to: by <c>config.json</c>, by what a checkpoint says of itself, by llm.c's header, or by the names and
    /// shapes of the tensors.
    /// </summary>
    /// <returns>The model, or null when the weights fit none of them.</returns>
    /// <exception cref="GptGenException">A file is missing or damaged.</exception>
    public static ModelDescription? FindModel(string path, IEnumerable<ModelDescription> models)
    {
        var file = Resolve(path);
        if (IsLlmc(file))
            return models.FirstOrDefault(model => LlmcCheckpoint.Fits(file, model));
        using var files = WeightFiles.Open(file);
        // What a config names is meant, even if tensors are missing: loading then says which.
        var named = models.Where(model => Holds(() => CheckConfigs(files, model))).ToList();
        return named.Find(model => Holds(() => WeightMap.Create(files, model))) ?? (named.Count == 1 ? named[0] : null);
    }

    /// <summary>What a training checkpoint says about its run, as JSON; null for other weights.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged.</exception>
    public static string? ReadRunOptions(string path)
    {
        var file = Resolve(path);
        if (IsLlmc(file))
            return null;
        using var files = WeightFiles.Open(file);
        return files.Metadata.TryGetValue(TrainingState.OptionsKey, out var options) ? options : null;
    }

    /// <summary>
    /// Writes a model's weights to <paramref name="path"/>: one file if it ends in <c>.safetensors</c> or <c>.bin</c> (llm.c), otherwise a folder
    /// with <c>model.safetensors</c> and <c>config.json</c> as Hugging Face's libraries read it, and with the tokenizer if one is given.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file or the folder.</param>
    /// <param name="type">The element type of the file.</param>
    /// <param name="tokenizer">The model's tokenizer, whose files go into a folder and whose end-of-text token its <c>config.json</c> names.</param>
    /// <exception cref="GptGenException">The target cannot be written, or a weight does not fit <paramref name="type"/>.</exception>
    public static void Save(LanguageModel model, string path, ElementType type = ElementType.F32, Tokenizer? tokenizer = null)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new GptGenException("Cannot write weights to an empty path. Name a folder or a file.");
        if (IsLlmc(path))
        {
            LlmcCheckpoint.Save(model, path, type);
        }
        else if (!IsFolder(path))
        {
            SaveWeights(model, path, type);
        }
        else
        {
            if (File.Exists(path))
                throw new GptGenException($"Cannot write into the folder '{path}': a file has this name. Choose another name or remove the file.");
            // The tokenizer first: weights without their own would be read with another.
            tokenizer?.Save(path);
            SaveWeights(model, Path.Combine(path, WeightFiles.FileName), type);
            var config = Encoding.UTF8.GetBytes(ModelConfig.Format(model.Description, type, tokenizer));
            AtomicFile.Write(Path.Combine(path, ModelConfig.FileName), stream => stream.Write(config));
        }
    }

    /// <summary>Whether <see cref="Save"/> makes a folder of a path.</summary>
    internal static bool IsFolder(string path) => !IsLlmc(path) && !path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    /// <summary>Holds what is said of the model beside the weights and in them to a model.</summary>
    private static void CheckConfigs(WeightFiles files, ModelDescription model)
    {
        var config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(files.Path))!, ModelConfig.FileName);
        if (File.Exists(config))
            ModelConfig.Check(config, model);
        if (files.Metadata.TryGetValue(TrainingCheckpoint.ConfigKey, out var carried))
            ModelConfig.CheckText(carried, files.Path, model);
    }

    private static bool Holds(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (GptGenException)
        {
            return false;
        }
    }

    private static bool IsLlmc(string path) => path.EndsWith(LlmcCheckpoint.Extension, StringComparison.OrdinalIgnoreCase);

    private static void SaveWeights(LanguageModel model, string path, ElementType type)
    {
        var tensors = ParameterTensors.Sources(model.Description, model.Parameters, ParameterTensors.FileName).ToList();
        // Hugging Face's libraries refuse a file that does not say this.
        SafetensorsWriter.Write(path, tensors, type, new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static string Resolve(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new GptGenException($"Cannot read weights from the path '{path.Replace('\0', '?')}'. Name a folder or a file.");
        if (!Directory.Exists(path))
            return path;
        return ModelFolder.Of(path).Weights ?? throw new GptGenException(
            $"The folder '{path}' has neither {WeightFiles.FileName} nor {WeightFiles.IndexName}, nor {OpenAIParameters.ShapesName}, nor a training checkpoint. Name the folder or file of the weights.");
    }
}
