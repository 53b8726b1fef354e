using System.Text;
using GptGen.Checkpoints.Gguf;
using GptGen.Files;
using GptGen.Text;

namespace GptGen.Checkpoints;

/// <summary>
/// A model's weights in files: Hugging Face's safetensors (one file or shards), llm.c's <c>.bin</c>, llama.cpp's <c>.gguf</c>, OpenAI's files of
/// GPT-1, or a training checkpoint.
/// </summary>
public static class ModelCheckpoint
{
    private const string SafetensorsEnding = ".safetensors";

    /// <summary>
    /// Sets a model's weights from <paramref name="path"/>: a folder with <c>model.safetensors</c> or <c>model.safetensors.index.json</c>, or with
    /// <c>params_shapes.json</c> and <c>params_0.npy</c> to <c>params_9.npy</c> (OpenAI's GPT-1), a run folder of training checkpoints (the newest
    /// counts, whatever lies beside it: <see cref="ModelFolder"/>), or one file. A <c>config.json</c> beside the weights and the configuration in
    /// them must agree with the class.
    /// Everything is checked before the first weight is written.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Its weights.</param>
    /// <param name="note">Told in one line each of what is left out or read otherwise than it stands in the files.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or holds another model.</exception>
    public static void Load(Model model, string path, Action<string>? note = null) =>
        Load(model, path, areClustersReversed: false, note);

    /// <summary>
    /// The same; of <paramref name="areClustersReversed"/> weights, which must be a <see cref="SegmentModel"/>'s, the order of clusters is turned
    /// round (<see cref="SegmentModel.ReverseClusters"/>).
    /// </summary>
    internal static void Load(Model model, string path, bool areClustersReversed, Action<string>? note)
    {
        Load(model, model.Description, path, note, areClustersReversed);
        if (areClustersReversed)
            ((SegmentModel)model).ReverseClusters();
    }

    /// <summary>
    /// Sets a model with a task head from weights of the language model that it continues, as <c>Load</c>: every weight but the head's and the
    /// special tokens', which keep their values. Call <see cref="Model.Initialize"/> first.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The language model's weights.</param>
    /// <param name="note">As <c>Load</c>'s.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or holds another model.</exception>
    public static void LoadPretrained(ITaskModel model, string path, Action<string>? note = null) =>
        Load(model.Model, WeightMap.WithoutTaskHead(model.Description), path, note);

    /// <summary>
    /// Sets a model with a task head from weights whose head has fewer labels, as <c>Load</c>: the first scores are theirs, and what computes the
    /// others keeps its values.
    /// </summary>
    internal static void LoadLabelled(ITaskModel model, int labels, string path, Action<string>? note = null) =>
        Load(model.Model, WeightMap.WithLabels(model.Description, labels), path, note);

    private static WeightFiles OpenFiles(string file)
    {
        WeightFiles? files = null;
        TrainingCheckpoint.OrNameAnother(file, () => files = WeightFiles.Open(file));
        return files!;
    }

    private static void Load(
        Model model, ModelDescription description, string path, Action<string>? note, bool isClusterOrderKnown = false)
    {
        var file = Resolve(path);
        if (IsLlmc(file))
        {
            LlmcCheckpoint.Load(model, description, file);
            return;
        }

        using var files = OpenFiles(file);
        using (var configs = ModelConfigs.Of(files))
            configs.Check(description, note);
        var map = WeightMap.Create(files, description, note);
        if (map.IsClusterOrderInDoubt && !isClusterOrderKnown)
        {
            note?.Invoke(
                $"'{file}' has no '{description.Naming.Prefix}' before its names, as the original PyTorch code writes them, but its clusters "
                + "are taken in the order of TensorFlow's and Hugging Face's code; if the original PyTorch code trained it, turn them round once "
                + "with gptgen convert");
        }

        if (files.Metadata.ContainsKey(CheckpointChecksum.Key))
            TrainingCheckpoint.OrNameAnother(file, () => CheckpointChecksum.Verify(file, needsFinite: false));
        map.Load(model.Parameters);
    }

    /// <summary>
    /// The one of some models that weights belong to: by <c>config.json</c>, by what a checkpoint says of itself, by llm.c's header, or by the names
    /// and shapes of the tensors.
    /// </summary>
    /// <returns>The model, or null when the weights fit none of them.</returns>
    /// <exception cref="GptGenException">A file is missing or damaged.</exception>
    public static ModelDescription? FindModel(string path, IEnumerable<ModelDescription> models) => Search(path, models).Found;

    /// <summary>As <c>FindModel</c>, and which model comes nearest where none fits.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged, or asks for what no class computes.</exception>
    internal static ModelSearch Search(string path, IEnumerable<ModelDescription> models)
    {
        var file = Resolve(path);
        if (IsLlmc(file))
            return ModelSearch.OfLlmc(file, models);
        using var files = OpenFiles(file);
        using var configs = ModelConfigs.Of(files);
        return ModelSearch.Of(files, configs, models);
    }

    /// <summary>
    /// The parts of a model that its weights lack, of those that may be missing (<see cref="TensorNaming.OptionalParts"/>):
    /// loading leaves them as they are.
    /// </summary>
    /// <param name="path">The weights, of the model.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="GptGenException">A file is missing or damaged.</exception>
    public static IReadOnlyList<string> FindMissingParts(string path, ModelDescription model)
    {
        var file = Resolve(path);
        if (model.Naming.OptionalParts.Count == 0 || IsLlmc(file))
            return [];
        using var files = OpenFiles(file);
        return WeightMap.Examine(files, model).MissingParts;
    }

    /// <summary>The numbers of one tensor of weights, by its name there; null where they have none of that name.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged.</exception>
    internal static float[]? ReadTensor(string path, string name)
    {
        var file = Resolve(path);
        if (IsLlmc(file))
            return null;
        using var files = OpenFiles(file);
        foreach (var (from, tensor) in files.Tensors)
        {
            if (tensor.Name != name)
                continue;
            var values = new float[checked((int)tensor.Count)];
            from.Read(tensor, 0, values);
            return values;
        }

        return null;
    }

    /// <summary>What a training checkpoint says about its run, as JSON; null for other weights.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged.</exception>
    public static string? ReadRunOptions(string path)
    {
        var file = Resolve(path);
        if (IsLlmc(file))
            return null;
        using var files = OpenFiles(file);
        return files.Metadata.TryGetValue(TrainingState.OptionsKey, out var options) ? options : null;
    }

    /// <summary>Throws unless weights can be written to a path, as far as its name tells.</summary>
    /// <exception cref="GptGenException">It is empty, a file where a folder is meant, or promises a format that is not written.</exception>
    internal static void CheckTarget(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new GptGenException("Cannot write weights to an empty path. Name a folder or a file.");
        if (!IsFolder(path) || Directory.Exists(path))
            return;
        if (ForeignName.UnwrittenFormat(path) is { } format)
        {
            throw new GptGenException(
                $"Cannot write '{path}': weights are written as a folder, a {SafetensorsEnding} file, a .bin file (llm.c) or a .gguf file "
                + $"(llama.cpp), not as {format}. Name one of these.");
        }

        if (File.Exists(path))
            throw new GptGenException($"Cannot write into the folder '{path}': a file has this name. Choose another name or remove the file.");
    }

    /// <summary>
    /// Writes a model's weights to <paramref name="path"/>: one file if it ends in <c>.safetensors</c>, <c>.bin</c> (llm.c) or <c>.gguf</c>
    /// (llama.cpp) and is no folder already, otherwise a folder with <c>model.safetensors</c> and <c>config.json</c> as Hugging Face's libraries read
    /// it, and with the tokenizer if one is given. A <c>.safetensors</c> file carries the configuration in its metadata, a <c>.gguf</c> file the
    /// tokenizer.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file or the folder.</param>
    /// <param name="type">The element type of the file; one with blocks of a <c>.gguf</c> file alone.</param>
    /// <param name="tokenizer">
    /// The model's tokenizer, whose files go into a folder and whose end-of-text token its <c>config.json</c> names, or which goes into a
    /// <c>.gguf</c> file.
    /// </param>
    /// <exception cref="GptGenException">
    /// The target cannot be written, its format has no such model or tokenizer, or a weight does not fit <paramref name="type"/>.
    /// </exception>
    public static void Save(Model model, string path, ElementType type = ElementType.F32, Tokenizer? tokenizer = null) =>
        SaveWithout([], model, path, type, tokenizer);

    /// <summary>
    /// The same without optional parts that the weights lack: what was not read is not written as if it were weights. The configuration names the
    /// labels of a task head where they are given, in the order of its scores.
    /// </summary>
    internal static void SaveWithout(
        IReadOnlyList<string> missingParts, Model model, string path, ElementType type, Tokenizer? tokenizer, IReadOnlyList<string>? labels = null)
    {
        CheckTarget(path);
        var isGguf = GgufFile.HasName(path) && !IsFolder(path);
        if (type.HasBlocks() && !isGguf)
            throw new GptGenException($"Cannot write '{path}' as {type}: only {GgufFile.Extension} files hold it. Choose F32, F16 or BF16.");
        if (isGguf)
        {
            GgufCheckpoint.Save(model, path, type, tokenizer);
        }
        else if (HasLlmcName(path) && !IsFolder(path))
        {
            LlmcCheckpoint.Save(model, path, type);
        }
        else if (!IsFolder(path))
        {
            SaveWeights(model, path, type, missingParts, ModelConfig.Format(model.Description, type, tokenizer, labels));
        }
        else
        {
            // The tokenizer first: weights without their own would be read with another.
            if (tokenizer is not null)
                TokenizerWriter.Save(tokenizer, path, LongestText(model.Description));
            var config = ModelConfig.Format(model.Description, type, tokenizer, labels);
            SaveWeights(model, Path.Combine(path, WeightFiles.FileName), type, missingParts, config, isWhole: true);
            if (model is LanguageModel)
                WriteText(Path.Combine(path, TokenizerFileNames.Generation), ModelConfig.FormatGeneration(model.Description, tokenizer));
            WriteText(Path.Combine(path, ModelConfig.FileName), config);
        }
    }

    // Models that carry on from segment to segment read texts of any length.
    private static int? LongestText(ModelDescription model) => model is { Distances: 0, StateElements: 0 } ? model.Context : null;

    /// <summary>Whether <see cref="Save"/> makes a folder of a path, or writes into the one that is there.</summary>
    internal static bool IsFolder(string path) =>
        Directory.Exists(path)
        || (!HasLlmcName(path) && !GgufFile.HasName(path) && !path.EndsWith(SafetensorsEnding, StringComparison.OrdinalIgnoreCase));

    // By what it begins with; by its name where it begins as nothing that is known, so that the message speaks of the format that was meant.
    private static bool IsLlmc(string path)
    {
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return false;
        using var file = RandomAccessFile.Open(path, WeightFiles.Need);
        return LlmcCheckpoint.IsBeginning(file.Read(0, (int)Math.Min(sizeof(int), file.Length)))
            || (HasLlmcName(path) && !SafetensorsHeader.IsBeginning(file) && !GgufHeader.IsBeginning(file));
    }

    private static bool HasLlmcName(string path) => path.EndsWith(LlmcCheckpoint.Extension, StringComparison.OrdinalIgnoreCase);

    private static void WriteText(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes one file; <paramref name="isWhole"/> with what Hugging Face's class has beyond the model: biases, which are zero.</summary>
    private static void SaveWeights(
        Model model, string path, ElementType type, IReadOnlyList<string> missingParts, string config, bool isWhole = false)
    {
        var there = model.Description.Tensors.Where(tensor => !missingParts.Any(part => TensorNaming.IsUnder(tensor.Name, part))).ToList();
        var tensors = ParameterTensors.Sources(there, model.Parameters, model.Description.Naming.FileName).ToList();
        if (isWhole)
            tensors.AddRange(ZeroBiases.Of(model.Description, missingParts));
        var metadata = new Dictionary<string, string>
        {
            // Hugging Face's libraries refuse a file that does not say this.
            ["format"] = "pt",
            // A file that leaves its folder still says what it is.
            [TrainingCheckpoint.ConfigKey] = config,
        };
        SafetensorsWriter.Write(path, tensors, type, metadata);
    }

    private static string Resolve(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new GptGenException($"Cannot read weights from the path '{path.Replace('\0', '?')}'. Name a folder or a file.");
        if (!Directory.Exists(path))
            return path;
        return ModelFolder.Of(path).Weights ?? throw new GptGenException(
            $"The folder '{path}' has neither {WeightFiles.FileName} nor {WeightFiles.IndexName}, nor {OpenAIParameters.ShapesName}, "
            + $"nor a training checkpoint. {ForeignName.Explain(path)}");
    }
}
