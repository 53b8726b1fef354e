using System.Globalization;

namespace GptGen.Checkpoints;

/// <summary>
/// Everything that a training run needs to continue bit-exactly, in one safetensors file a step, <c>step-000100.safetensors</c> in the run's
/// folder: the parameters under Hugging Face's names, both moments of the optimiser in f32, and the state as metadata.
/// Such a file also serves as weights.
/// </summary>
public static class TrainingCheckpoint
{
    /// <summary>The metadata entry that carries the model's <c>config.json</c>.</summary>
    internal const string ConfigKey = "config";

    private const string FirstMoment = WeightMap.OptimizerPrefix + "first_moment.";
    private const string SecondMoment = WeightMap.OptimizerPrefix + "second_moment.";
    private const string FilePrefix = "step-";
    private const string FileSuffix = ".safetensors";
    private const string AbandonedPrefix = "abandoned-";

    /// <summary>
    /// Writes a checkpoint into <paramref name="folder"/> and then deletes older ones until <paramref name="keep"/> are left; the one just written
    /// always stays. Interrupted at any moment, the folder still has the checkpoints from before.
    /// </summary>
    /// <returns>The file's path.</returns>
    /// <exception cref="GptGenException">The folder cannot be written, or the disk is full.</exception>
    /// <exception cref="ArgumentException">The moments are another model's.</exception>
    public static string Save(string folder, LanguageModel model, Arena firstMoments, Arena secondMoments, TrainingState state, int keep = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keep);
        var description = model.Description;
        RequireMoments(description, firstMoments, secondMoments);
        var path = Path.Combine(folder, FormattableString.Invariant($"{FilePrefix}{state.Step:D6}{FileSuffix}"));
        var tensors = ParameterTensors.Sources(description, model.Parameters, ParameterTensors.FileName)
            .Concat(ParameterTensors.Sources(description, firstMoments, static name => FirstMoment + name))
            .Concat(ParameterTensors.Sources(description, secondMoments, static name => SecondMoment + name));
        var metadata = state.ToMetadata();
        metadata["format"] = "pt";
        metadata[ConfigKey] = ModelConfig.Format(description);
        SafetensorsWriter.Write(path, tensors.ToList(), ElementType.F32, metadata);
        Rotate(folder, path, keep);
        return path;
    }

    /// <summary>
    /// Sets weights and moments from <paramref name="path"/>, a checkpoint or a run's folder (its newest counts). Everything is checked
    /// before the first number is written.
    /// </summary>
    /// <returns>The state to continue from.</returns>
    /// <exception cref="GptGenException">There is no checkpoint, it is damaged, or it is of another model.</exception>
    public static TrainingState Load(string path, LanguageModel model, Arena firstMoments, Arena secondMoments)
    {
        var description = model.Description;
        RequireMoments(description, firstMoments, secondMoments);
        path = Resolve(path);
        using var files = WeightFiles.Open(path);
        var state = TrainingState.FromMetadata(files.Metadata, path);
        if (files.Metadata.TryGetValue(ConfigKey, out var config))
            ModelConfig.CheckText(config, path, description);
        var map = WeightMap.Create(files, description);
        var moments = files.Tensors
            .Where(static entry => entry.Tensor.Name.StartsWith(WeightMap.OptimizerPrefix, StringComparison.Ordinal))
            .ToDictionary(static entry => entry.Tensor.Name);
        foreach (var parameter in description.Parameters)
        {
            CheckMoment(path, moments, parameter, FirstMoment);
            CheckMoment(path, moments, parameter, SecondMoment);
        }

        foreach (var parameter in description.Parameters)
        {
            var (file, tensor) = map[parameter];
            ParameterTensors.Load(model.Parameters, parameter, file, tensor);
            ParameterTensors.Load(firstMoments, parameter, file, moments[FirstMoment + parameter.Name].Tensor);
            ParameterTensors.Load(secondMoments, parameter, file, moments[SecondMoment + parameter.Name].Tensor);
        }

        return state;
    }

    /// <summary>The state that a checkpoint or a run's newest checkpoint carries, without its weights.</summary>
    /// <exception cref="GptGenException">There is no checkpoint, or it is damaged.</exception>
    public static TrainingState ReadState(string path)
    {
        path = Resolve(path);
        using var file = SafetensorsFile.Open(path);
        return TrainingState.FromMetadata(file.Metadata, path);
    }

    /// <summary>The checkpoint of the highest step in a folder, or null. Unfinished files do not count.</summary>
    public static string? FindLatest(string folder) => List(folder) is [.., var latest] ? latest.Path : null;

    /// <summary>The checkpoints of a folder by ascending step; none if there is no such folder.</summary>
    public static IReadOnlyList<(long Step, string Path)> List(string folder)
    {
        var found = new List<(long Step, string Path)>();
        if (!Directory.Exists(folder))
            return found;
        foreach (var path in Directory.EnumerateFiles(folder, FilePrefix + "*" + FileSuffix))
        {
            var number = Path.GetFileName(path.AsSpan())[FilePrefix.Length..^FileSuffix.Length];
            if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var step))
                found.Add((step, path));
        }

        found.Sort(static (a, b) => a.Step.CompareTo(b.Step));
        return found;
    }

    /// <summary>
    /// Renames the checkpoints of later steps than <paramref name="step"/> (<c>abandoned-step-000200.safetensors</c>): a run that continues from an
    /// older one leaves their course, and they must not count as the newest again. Nothing is deleted.
    /// </summary>
    /// <returns>The new names.</returns>
    /// <exception cref="GptGenException">A file cannot be renamed.</exception>
    internal static IReadOnlyList<string> SetAsideAfter(string folder, long step)
    {
        var renamed = new List<string>();
        foreach (var (_, path) in List(folder).Where(entry => entry.Step > step))
        {
            var aside = Path.Combine(folder, AbandonedPrefix + Path.GetFileName(path));
            try
            {
                File.Move(path, aside, overwrite: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new GptGenException($"'{path}' cannot be renamed to '{aside}' ({error.Message.TrimEnd('.')}). Make the folder writable, or move the file away.", error);
            }

            renamed.Add(aside);
        }

        return renamed;
    }

    /// <summary>The file that <paramref name="path"/> means: itself, or a folder's newest checkpoint.</summary>
    /// <exception cref="GptGenException">The folder has none.</exception>
    internal static string Resolve(string path) =>
        !Directory.Exists(path) ? path
        : FindLatest(path) ?? throw new GptGenException($"The folder '{path}' has no training checkpoint. Name a run's folder, or train without resuming.");

    private static void RequireMoments(ModelDescription model, params ReadOnlySpan<Arena> moments)
    {
        foreach (var arena in moments)
        {
            if (arena.Role != BufferRole.Moment || arena.Elements != model.ParameterElements)
            {
                throw new ArgumentException(
                    $"These {arena.Elements} numbers (of role {arena.Role}) are no moments of {model.Name}, which has {model.ParameterElements}: give those of its own optimiser.", nameof(moments));
            }
        }
    }

    private static void CheckMoment(
        string path, Dictionary<string, (ITensorFile File, SafetensorsTensor Tensor)> moments, ParameterInfo parameter, string prefix)
    {
        if (!moments.TryGetValue(prefix + parameter.Name, out var entry))
            throw new GptGenException($"'{path}' lacks the tensor '{prefix + parameter.Name}'. It cannot be resumed from; use an earlier checkpoint.");
        var shape = WeightMap.StoredShape(parameter);
        if (!entry.Tensor.Shape.SequenceEqual(shape) || entry.Tensor.Element != ElementType.F32)
        {
            throw new GptGenException(
                $"'{path}' has '{entry.Tensor.Name}' as {entry.Tensor.Type} {entry.Tensor.ShapeText} where F32 {SafetensorsTensor.FormatShape(shape)} is needed. Use an earlier checkpoint.");
        }
    }

    private static void Rotate(string folder, string written, int keep)
    {
        var others = List(folder).Where(entry => Path.GetFileName(entry.Path) != Path.GetFileName(written)).ToList();
        foreach (var (_, path) in others.Take(Math.Max(0, others.Count - (keep - 1))))
            AtomicFile.TryDelete(path);
        // What earlier runs, killed while writing, left behind.
        foreach (var path in Directory.EnumerateFiles(folder, $".{FilePrefix}*{AtomicFile.TemporarySuffix}"))
            AtomicFile.TryDelete(path);
    }
}
