using GptGen.Files;
using GptGen.Training;

namespace GptGen.Checkpoints;

/// <summary>
/// Everything that a training run needs to continue bit-exactly, in one safetensors file a step, <c>step-000100.safetensors</c> in the run's
/// folder: the parameters under Hugging Face's names, both moments of the optimiser for what trains in f32, what the model carries from step to step,
/// and the run's state and a checksum as metadata.
/// Such a file also serves as weights.
/// </summary>
public static partial class TrainingCheckpoint
{
    /// <summary>The weights of a run's lowest validation loss, where its newest checkpoint does not hold them.</summary>
    public const string BestName = "best.safetensors";

    /// <summary>The metadata entry that carries the model's <c>config.json</c>.</summary>
    internal const string ConfigKey = "config";

    private const string FirstMoment = WeightMap.OptimizerPrefix + "first_moment.";
    private const string SecondMoment = WeightMap.OptimizerPrefix + "second_moment.";
    private const string StatePrefix = WeightMap.OptimizerPrefix + "state.";

    /// <summary>
    /// Writes a checkpoint into <paramref name="folder"/> and then deletes older ones until <paramref name="keep"/> are left; the one just written
    /// always stays. Interrupted at any moment, the folder still has the checkpoints from before.
    /// </summary>
    /// <returns>The file's path.</returns>
    /// <exception cref="GptGenException">A weight or a moment is no number, the folder cannot be written, or the disk is full.</exception>
    /// <exception cref="ArgumentException">The moments are another model's.</exception>
    public static string Save(
        string folder, Model model, Arena firstMoments, Arena secondMoments, TrainingState state, int keep = int.MaxValue) =>
        Save(folder, model, new(firstMoments), new(secondMoments), state, keep, static () => "use an earlier checkpoint.", []);

    /// <summary>
    /// The same, with moments that come when it is their turn, what the message says of other checkpoints where the state is no number, and what the
    /// model carries from step to step.
    /// </summary>
    internal static string Save(
        string folder, Model model, MomentPlace firstMoments, MomentPlace secondMoments, TrainingState state, int keep, Func<string> others,
        IEnumerable<TensorSource> carried)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keep);
        var description = model.Description;
        RequireMoments(description, firstMoments, secondMoments);
        var path = PathOf(folder, state.Step);
        Write(
            path, model, state, others,
            Moments(description, firstMoments, FirstMoment).Concat(Moments(description, secondMoments, SecondMoment))
                .Concat(carried.Select(static source => source with { Name = StatePrefix + source.Name })));
        Rotate(folder, path, keep);
        return path;
    }

    /// <summary>Writes the weights alone, as those of the lowest validation loss (<see cref="BestName"/>), with the run's state.</summary>
    /// <exception cref="GptGenException">A weight is no number, the folder cannot be written, or the disk is full.</exception>
    internal static void SaveBest(string folder, Model model, TrainingState state, Func<string> others) =>
        Write(Path.Combine(folder, BestName), model, state, others, []);

    /// <summary>
    /// Sets weights and moments from <paramref name="path"/>, a checkpoint or a run's folder (its newest counts). Everything is checked
    /// before the first number is written.
    /// </summary>
    /// <returns>The state to continue from.</returns>
    /// <exception cref="GptGenException">There is no checkpoint, it is damaged, holds what is no number, or is of another model.</exception>
    public static TrainingState Load(string path, Model model, Arena firstMoments, Arena secondMoments) =>
        Load(path, model, new(firstMoments), new(secondMoments), static _ => { });

    /// <summary>The same, with moments that are taken one after the other, and who takes what the model carries from step to step.</summary>
    internal static TrainingState Load(
        string path, Model model, MomentPlace firstMoments, MomentPlace secondMoments, Action<IReadOnlyDictionary<string, StoredState>> restore)
    {
        var description = model.Description;
        RequireMoments(description, firstMoments, secondMoments);
        path = Resolve(path);
        var state = ReadState(path);
        OrNameAnother(path, () => CheckpointChecksum.Verify(path, needsFinite: true));
        using var files = WeightFiles.Open(path);
        if (files.Metadata.TryGetValue(ConfigKey, out var config))
            ModelConfig.CheckText(config, path, description);
        var map = WeightMap.Create(files, description);
        var moments = files.Tensors
            .Where(static entry => entry.Tensor.Name.StartsWith(WeightMap.OptimizerPrefix, StringComparison.Ordinal))
            .ToDictionary(static entry => entry.Tensor.Name);
        foreach (var parameter in description.Tensors.Where(static parameter => !parameter.IsFrozen))
        {
            CheckMoment(path, moments, parameter, FirstMoment);
            CheckMoment(path, moments, parameter, SecondMoment);
        }

        restore(moments.Values.Where(static entry => entry.Tensor.Name.StartsWith(StatePrefix, StringComparison.Ordinal)).ToDictionary(
            static entry => entry.Tensor.Name[StatePrefix.Length..], static entry => new StoredState(entry.Tensor.Shape, () => Read(entry))));
        map.Load(model.Parameters);
        LoadMoments(firstMoments, FirstMoment);
        LoadMoments(secondMoments, SecondMoment);
        return state;

        void LoadMoments(MomentPlace place, string prefix)
        {
            var loading = new ParameterLoading(place.Arena);
            foreach (var parameter in description.Tensors.Where(static parameter => !parameter.IsFrozen))
            {
                var (file, tensor) = moments[prefix + parameter.Name];
                loading.Add(parameter, file, tensor);
            }

            loading.Run();
            place.Turn?.Invoke();
        }
    }

    /// <summary>The state that a checkpoint or a run's newest checkpoint carries, without its weights.</summary>
    /// <exception cref="GptGenException">There is no checkpoint, or it is damaged.</exception>
    public static TrainingState ReadState(string path)
    {
        path = Resolve(path);
        TrainingState? state = null;
        OrNameAnother(path, () => state = Read(path));
        return state!;
    }

    private static void Write(string path, Model model, TrainingState state, Func<string> others, IEnumerable<TensorSource> beside)
    {
        var description = model.Description;
        var metadata = state.ToMetadata();
        metadata["format"] = "pt";
        metadata[ConfigKey] = ModelConfig.Format(description);
        metadata[CheckpointChecksum.Key] = CheckpointChecksum.Placeholder;
        var tensors = ParameterTensors.Sources(description, model.Parameters, description.Naming.FileName).Concat(beside)
            .Select(tensor => tensor with { Read = Finite(tensor, state.Step, others) }).ToList();
        AtomicFile.Write(
            path, target => CheckpointChecksum.Write(target, stream => SafetensorsWriter.Write(stream, tensors, ElementType.F32, metadata)));
    }

    /// <summary>Moments to be written, which are in their place from the first one's turn on.</summary>
    private static IEnumerable<TensorSource> Moments(ModelDescription model, MomentPlace place, string prefix)
    {
        var turn = place.Turn;
        return ParameterTensors.TrainedSources(model, place.Arena, name => prefix + name).Select(source => turn is null ? source : source with
        {
            Read = (first, values) =>
            {
                turn?.Invoke();
                turn = null;
                source.Read(first, values);
            },
        });
    }

    private static void RequireMoments(ModelDescription model, params ReadOnlySpan<MomentPlace> moments)
    {
        foreach (var (arena, turn) in moments)
        {
            if ((arena.Role != BufferRole.Moment && turn is null) || arena.Elements != model.TrainedElements)
            {
                throw new ArgumentException(
                    $"These {arena.Elements} numbers (of role {arena.Role}) are no moments of {model.Name}, which has {model.TrainedElements}: "
                    + "give those of its own optimiser.", nameof(moments));
            }
        }
    }

    private static float[] Read((ITensorFile File, SafetensorsTensor Tensor) entry)
    {
        var values = new float[entry.Tensor.Shape.Aggregate(1L, static (product, dimension) => checked(product * dimension))];
        entry.File.Read(entry.Tensor, 0, values);
        return values;
    }

    private static TrainingState Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return TrainingState.FromMetadata(file.Metadata, path);
    }

    /// <summary>A state that is no number would be what the next start goes on from: it is not kept.</summary>
    private static TensorReader Finite(TensorSource tensor, long step, Func<string> others) => (first, values) =>
    {
        tensor.Read(first, values);
        if (!CheckpointChecksum.AreFinite(values))
        {
            throw new GptGenException(
                FormattableString.Invariant($"After step {step} '{tensor.Name}' holds what is no number, so no checkpoint of it is written: ")
                + "lower TrainingOptions.LearningRate or raise TrainingOptions.Warmup; " + others());
        }
    };

    private static void CheckMoment(
        string path, Dictionary<string, (ITensorFile File, SafetensorsTensor Tensor)> moments, ParameterInfo parameter, string prefix)
    {
        if (!moments.TryGetValue(prefix + parameter.Name, out var entry))
            throw new GptGenException(
                $"'{path}' lacks the tensor '{prefix + parameter.Name}'. It cannot be resumed from; use an earlier checkpoint.");
        var shape = WeightMap.StoredShape(parameter);
        if (!entry.Tensor.Shape.SequenceEqual(shape) || entry.Tensor.Element != ElementType.F32)
        {
            throw new GptGenException(
                $"'{path}' has '{entry.Tensor.Name}' as {entry.Tensor.Type} {entry.Tensor.ShapeText} where F32 "
                + $"{SafetensorsTensor.FormatShape(shape)} is needed. Use an earlier checkpoint.");
        }
    }
}
