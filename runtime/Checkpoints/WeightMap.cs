using System.Globalization;

namespace GptGen.Checkpoints;

/// <summary>
/// Which tensor of a checkpoint fills which parameter of a model. What training tools change in files of the same model is understood: names before
/// names, matrices as <c>nn.Linear</c> lays them out, padding behind the vocabulary, left-out biases, heads and states beside the model.
/// </summary>
internal sealed class WeightMap
{
    /// <summary>What training checkpoints put before the names of the optimiser's moments.</summary>
    internal const string OptimizerPrefix = "optimizer.";

    private readonly Dictionary<string, (ITensorFile File, SafetensorsTensor Tensor)> found = [];
    private readonly Dictionary<string, (ITensorFile File, SafetensorsTensor Tensor)> biases = [];
    private readonly List<string> heads = [];
    private readonly List<string> states = [];
    private readonly List<string> unknown = [];
    private readonly HashSet<string> prefixes = [];
    private readonly List<string> notes = [];
    private readonly WeightFiles files;
    private readonly ModelDescription model;
    private readonly TensorNaming naming;
    private readonly IReadOnlyList<ParameterInfo> tensors;
    private readonly List<string> missingParts = [];
    private bool isTurned;
    private bool areBiasesZero;

    private WeightMap(WeightFiles files, ModelDescription model)
    {
        this.files = files;
        this.model = model;
        naming = model.Naming;
        tensors = [.. model.Tensors];
    }

    /// <summary>Optional parts of the model that are not there (<see cref="TensorNaming.OptionalParts"/>).</summary>
    internal IReadOnlyList<string> MissingParts => missingParts;

    /// <summary>Why the tensors are of another model; null when they fit.</summary>
    internal WeightMisfit? Misfit { get; private set; }

    /// <summary>
    /// Whether names tell no order of the first softmax's columns for clusters: the original PyTorch code, which counts them from the end, names
    /// tensors without the prefix, and only files that say what they are leave no doubt then.
    /// </summary>
    internal bool IsClusterOrderInDoubt => naming.ClusterTensors.Count > 0 && !files.Metadata.ContainsKey(TrainingCheckpoint.ConfigKey)
        && found.Any(tensor => !naming.IsHead(tensor.Key) && !tensor.Value.Tensor.Name.Contains(naming.Prefix, StringComparison.Ordinal));

    /// <summary>Rows of padding behind the vocabulary.</summary>
    internal long PaddingRows { get; private set; }

    /// <summary>Where a parameter's numbers are.</summary>
    internal (ITensorFile File, SafetensorsTensor Tensor) this[ParameterInfo parameter] => found[parameter.Name];

    /// <summary>Maps tensors to a model that they must fit.</summary>
    /// <param name="files">The tensors.</param>
    /// <param name="model">The model.</param>
    /// <param name="note">Told of what is left out or read otherwise than it stands there.</param>
    /// <exception cref="GptGenException">A tensor is missing, unknown, or has a wrong shape or type.</exception>
    internal static WeightMap Create(WeightFiles files, ModelDescription model, Action<string>? note = null)
    {
        var map = Examine(files, model);
        if (map.Misfit is { } misfit)
            throw new GptGenException(misfit.Message);
        if (note is not null)
            map.notes.ForEach(note);
        return map;
    }

    /// <summary>Holds tensors to a model that they may fit or not: <see cref="Misfit"/> says it.</summary>
    /// <exception cref="GptGenException">
    /// Two tensors are the same parameter, or have a type that is no weight's: no model has such a file.
    /// </exception>
    internal static WeightMap Examine(WeightFiles files, ModelDescription model)
    {
        var map = new WeightMap(files, model);
        map.Collect();
        map.Misfit = map.ResolveCopies();
        map.FindMissingParts();
        map.Misfit ??= map.ResolveBiases() ?? map.CheckNames() ?? map.CheckShapes();
        map.AddNotes();
        return map;
    }

    /// <summary>Fills the parameters; those of a part that is not there keep their values.</summary>
    internal void Load(Arena arena)
    {
        var loading = new ParameterLoading(arena);
        foreach (var parameter in tensors)
        {
            if (found.TryGetValue(parameter.Name, out var source))
                loading.Add(parameter, source.File, source.Tensor, isTurned);
            else if (!IsOfMissingPart(parameter))
                arena.Clear(parameter.Offset, parameter.Count);
        }

        loading.Run();
    }

    /// <summary>What a model with a task head was before it had one: fewer tokens, and the language model's parameters only.</summary>
    internal static ModelDescription WithoutTaskHead(ModelDescription model)
    {
        if (model.Head is not { } head)
            return model;
        var tokens = head.Tokens?.Start ?? model.Vocabulary;
        return model with
        {
            Head = null,
            Vocabulary = tokens,
            Parameters =
            [
                .. model.Parameters.Where(parameter => !model.Naming.IsHead(parameter.Name) || model.Naming.TokenTensors.Contains(parameter.Name))
                    .Select(parameter => model.Naming.TokenTensors.Contains(parameter.Name) ? parameter with { Rows = tokens } : parameter),
            ],
        };
    }

    /// <summary>A model with a task head as one with fewer labels: of its scores the first ones.</summary>
    internal static ModelDescription WithLabels(ModelDescription model, int labels) => model with
    {
        Head = model.Head! with { Classes = labels },
        Parameters =
        [
            .. model.Parameters.Select(parameter => model.Naming.IsHead(parameter.Name) && parameter.Rows == model.Head.Classes
                ? parameter with { Rows = labels }
                : parameter),
        ],
    };

    /// <summary>A parameter's shape in Hugging Face's files, or in files whose matrices lie the other way.</summary>
    internal static long[] StoredShape(ParameterInfo parameter, bool turned = false) =>
        !parameter.IsMatrix ? parameter.Layout == StoredLayout.Row ? [1, parameter.Rows] : [parameter.Rows]
        : parameter.Layout == StoredLayout.Conv1D && !turned ? [parameter.Columns, parameter.Rows]
        : parameter.Layout == StoredLayout.Convolution ? [1, parameter.Window, parameter.Columns / parameter.Window, parameter.Rows]
        : parameter.Layout == StoredLayout.StackedConv1D ? [2 * parameter.Columns, parameter.Rows / 2]
        : [parameter.Rows, parameter.Columns];

    private void Collect()
    {
        var names = new TensorNames(model);
        foreach (var (file, tensor) in files.Tensors)
        {
            var meaning = names.Find(tensor.Name, out var name, out var prefix);
            switch (meaning)
            {
                case TensorMeaning.Parameter when prefix.Length > 0 && prefixes.Add(prefix) && prefixes.Count > 1:
                    throw new GptGenException(
                        $"'{files.Path}' has the same model's parameters behind {Listing.Of(prefixes)}: it holds several models or parts of them. "
                        + "Save the one that you need alone.");
                case TensorMeaning.Parameter:
                    if (found.TryAdd(name, (file, tensor)))
                        break;
                    throw new GptGenException(
                        $"'{files.Path}' has {Listing.Of([found[name].Tensor.Name, tensor.Name])}, which mean the same parameter. Keep one of them.");
                case TensorMeaning.Bias:
                    biases.TryAdd(name, (file, tensor));
                    break;
                case TensorMeaning.OtherHead:
                    heads.Add(tensor.Name);
                    break;
                case TensorMeaning.TrainingState:
                    if (!tensor.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal))
                        states.Add(tensor.Name);
                    break;
                case TensorMeaning.Unknown:
                    unknown.Add(tensor.Name);
                    break;
            }
        }

        if (names.ToolWords.Count > 0)
            notes.Add($"'{files.Path}' has {Listing.Of([.. names.ToolWords])} in its names, as training tools put them there: they are left out");
    }

    /// <summary>A tied model's head is its token table: files have either or both under their names, and so with every copy.</summary>
    private WeightMisfit? ResolveCopies()
    {
        foreach (var (copy, meaning) in naming.Copies)
        {
            if (!found.Remove(copy, out var tensor) || found.TryAdd(meaning, tensor) || TensorContents.AreSame(found[meaning], tensor))
                continue;
            var name = MessageText.Shorten(tensor.Tensor.Name);
            return naming.IsHead(copy) && meaning == naming.TokenTensors[0]
                ? new(
                    $"'{files.Path}' has a head '{name}' of its own, but {model.Name}'s head is its token table. Use a class with TiedHead = false.",
                    1)
                : new(
                    $"'{files.Path}' has other numbers as '{name}' than as '{MessageText.Shorten(found[meaning].Tensor.Name)}', "
                    + $"but {model.Name} has one "
                    + "tensor for both. Use other weights.", 1);
        }

        return null;
    }

    /// <summary>A part is there as a whole, or not at all.</summary>
    private void FindMissingParts()
    {
        foreach (var part in naming.OptionalParts)
        {
            var members = tensors.Where(parameter => TensorNaming.IsUnder(parameter.Name, part)).ToList();
            if (members.Count > 0 && !members.Exists(parameter => found.ContainsKey(parameter.Name)))
                missingParts.Add(part);
        }
    }

    private bool IsOfMissingPart(ParameterInfo parameter) => missingParts.Exists(part => TensorNaming.IsUnder(parameter.Name, part));

    /// <summary>A model without biases computes as one whose biases are zero.</summary>
    private WeightMisfit? ResolveBiases()
    {
        var hasBiases = biases.Values.Any(static bias => !TensorContents.AreZero(bias.File, bias.Tensor));
        if (hasBiases)
        {
            var remedy = model.Biases ? "" : ": use a class with Biases = true";
            return Wrong($"has biases ({Listing.Of(biases.Keys)}), which {model.Name} has not{remedy}", biases.Count);
        }

        // Ours have them for Hugging Face's classes and llama.cpp, which do not do without.
        if (biases.Count > 0 && !files.Metadata.ContainsKey(TrainingCheckpoint.ConfigKey))
            notes.Add($"'{files.Path}' has biases, all zero, which {model.Name} does without");
        var expected = tensors.Where(parameter => !naming.IsHead(parameter.Name) && IsBias(parameter)).ToList();
        if (expected.Count == 0 || expected.Exists(parameter => found.ContainsKey(parameter.Name)))
            return null;
        areBiasesZero = true;
        notes.Add($"'{files.Path}' has no biases: those of {model.Name} begin as zero, which is the same");
        return null;
    }

    private static bool IsBias(ParameterInfo parameter) => parameter.Name.EndsWith(".bias", StringComparison.Ordinal);

    /// <summary>What is zero where no file says otherwise: libraries do not miss it.</summary>
    private static bool IsZeroConstant(ParameterInfo parameter) => parameter is { IsFrozen: true, Initialization: Initialization.Zeros };

    private WeightMisfit? CheckNames()
    {
        var missing = tensors
            .Where(parameter => !found.ContainsKey(parameter.Name) && !IsOfMissingPart(parameter)
                && !(areBiasesZero && IsBias(parameter) && !naming.IsHead(parameter.Name)) && !IsZeroConstant(parameter)).ToList();
        if (missing is [{ IsMatrix: true, Name: var head }] && naming.TokenTensors.Skip(1).Contains(head))
            return new($"'{files.Path}' has no '{head}', which {model.Name} needs. Its head is tied: use a class with TiedHead = true.", 1);
        if (missing.Count > 0)
            return Wrong($"lacks {Listing.Of(missing.ConvertAll(static parameter => parameter.Name))}", missing.Count + unknown.Count);
        return unknown.Count > 0 ? Wrong($"has {Listing.Of(unknown)}, unknown to the model", unknown.Count) : null;
    }

    private WeightMisfit? CheckShapes()
    {
        var matrices = tensors.Where(parameter => IsOblong(parameter) && found.ContainsKey(parameter.Name)).ToList();
        var turned = matrices.Where(IsStoredTurned).ToList();
        if (turned.Count > 0 && matrices.Except(turned).FirstOrDefault(parameter => Fits(parameter, turned: false)) is { } straight)
        {
            var examples = $"{Name(straight)} as [in, out] and {Name(turned[0])} as [out, in]";
            return Wrong($"has matrices of both layouts, {examples}: save all of them in one layout", turned.Count);
        }

        isTurned = files.HasTurnedMatrices || turned.Count > 0;
        var wrong = tensors.Where(parameter => found.ContainsKey(parameter.Name) && !Fits(parameter, isTurned)).ToList();
        if (wrong is [var first, ..])
        {
            var needed = SafetensorsTensor.FormatShape(StoredShape(first, isTurned));
            return Wrong($"has {Name(first)} of shape {found[first.Name].Tensor.ShapeText} where {needed} is needed", wrong.Count);
        }

        foreach (var (file, tensor) in found.Values)
            file.RequireFloat(tensor);
        return null;
    }

    private string Name(ParameterInfo parameter) => $"'{MessageText.Shorten(found[parameter.Name].Tensor.Name)}'";

    // A square matrix does not show how it lies; the others decide for it.
    private static bool IsOblong(ParameterInfo parameter) =>
        parameter.IsMatrix && parameter.Layout == StoredLayout.Conv1D && parameter.Rows != parameter.Columns;

    private bool IsStoredTurned(ParameterInfo parameter) => Fits(parameter, turned: true);

    private bool Fits(ParameterInfo parameter, bool turned)
    {
        var (shape, expected) = (found[parameter.Name].Tensor.Shape, StoredShape(parameter, turned));
        if (shape.SequenceEqual(expected))
            return true;
        var hasTokenRows = naming.TokenTensors.Contains(parameter.Name) && shape.Count == expected.Length
            && shape.Skip(1).SequenceEqual(expected.Skip(1));
        if (!hasTokenRows || !VocabularyPadding.Covers(shape[0], parameter.Rows))
            return false;
        PaddingRows = shape[0] - parameter.Rows;
        return true;
    }

    private void AddNotes()
    {
        if (prefixes.Count > 0)
            notes.Add($"'{files.Path}' has {Listing.Of(prefixes)} before its names, which is left out");
        if (heads.Count > 0)
            notes.Add($"'{files.Path}' has a head that {model.Name} does not have, which is left out: {Listing.Of(heads)}");
        if (missingParts.Count > 0)
            notes.Add(
                $"'{files.Path}' has no {Listing.Of(missingParts)}: {model.Name}'s keeps its values, so train it before you use what it computes");
        if (states.Count > 0)
            notes.Add($"'{files.Path}' has states of a training, which are left out: {Listing.Of(states)}");
        if (PaddingRows > 0)
            notes.Add($"'{files.Path}' has {PaddingRows} rows of padding behind {model.Name}'s {model.Vocabulary} tokens, which are left out");
        if (isTurned && !files.HasTurnedMatrices)
        {
            var caution = model.Activation != Activation.GeluTanh ? ""
                : $"; if nanoGPT trained it with nn.GELU(), it needs a class with Activation.GeluErf, and {model.Name} has the tanh form";
            notes.Add($"'{files.Path}' has its matrices as [out, in], as nn.Linear and nanoGPT store them: they are read so{caution}");
        }
    }

    private WeightMisfit Wrong(string what, int count)
    {
        var expected = Listing.Of(
            [.. tensors.Select(static parameter => $"{parameter.Name} {SafetensorsTensor.FormatShape(StoredShape(parameter))}")]);
        return new(
            $"'{files.Path}' does not fit {model.Name}: it {what}. {ForeignBody.Explain(unknown, model)}{Hint()}{model.Name} expects {expected}.",
            count);
    }

    /// <summary>If the tensors tell a size of their own: which one.</summary>
    private string Hint()
    {
        if (WeightFiles.IsShard(files.Path))
            return $"It is one of several files of a model: name the folder with them and {WeightFiles.IndexName}. ";
        var table = naming.TokenTensors.Where(found.ContainsKey).Select(name => found[name].Tensor.Shape)
            .FirstOrDefault(static shape => shape.Count == 2);
        if (table is null)
            return "Check that these are weights of such a model. ";
        var layers = 1 + found.Values.Select(static source => source.Tensor.Name).Concat(unknown).Max(LayerOf);
        return layers == model.Layers && table[0] == model.Vocabulary && table[1] == model.Width
            ? ""
            : $"These look like weights of {layers} layers, width {table[1]} and {table[0]} tokens, not {model.Layers}, "
                + $"{model.Width} and {model.Vocabulary}: "
                + "use the class of that size. ";
    }

    /// <summary>The layer that a name like "transformer.h.11.ln_1.weight" speaks of, or -1.</summary>
    private int LayerOf(string name)
    {
        var isFirst = name.StartsWith(naming.LayerPrefix, StringComparison.Ordinal);
        var start = isFirst ? 0 : name.IndexOf($".{naming.LayerPrefix}", StringComparison.Ordinal) + 1;
        if (start == 0 && !isFirst)
            return -1;
        var number = name.AsSpan(start + naming.LayerPrefix.Length);
        var dot = number.IndexOf('.');
        return dot > 0 && int.TryParse(number[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : -1;
    }
}

/// <summary>Why tensors are of another model.</summary>
/// <param name="Message">For the user.</param>
/// <param name="Count">How many tensors do not fit: less is nearer.</param>
internal sealed record WeightMisfit(string Message, int Count);
