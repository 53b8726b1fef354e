namespace GptGen.Checkpoints;

/// <summary>What a tensor of a file is to a model.</summary>
internal enum TensorMeaning
{
    /// <summary>A parameter of the model.</summary>
    Parameter,

    /// <summary>A bias where the model has none.</summary>
    Bias,

    /// <summary>A head of Hugging Face's or of a training tool, which the model does not have.</summary>
    OtherHead,

    /// <summary>A state of the training: the optimiser's, the schedule's.</summary>
    TrainingState,

    /// <summary>What old exports saved as if it were a weight and says nothing: the causal mask.</summary>
    Buffer,

    /// <summary>None of these.</summary>
    Unknown,
}

/// <summary>
/// Finds a model's parameters under the names that training tools give them. A name costs time in its length alone, however it is made.
/// </summary>
internal sealed class TensorNames
{
    // What frameworks put before a model's names, in any order and number: data-parallel wrappers, containers.
    private static readonly string[] ToolPrefixes = ["module.", "model.", "base_model."];

    // What wrappers put in the midst of names: torch.compile, FSDP, activation checkpointing, DeepSpeed.
    private static readonly string[] Wrappers = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_forward_module."];

    private static readonly HashSet<string> OtherHeads =
        ["score", "classifier", "qa_outputs", "v_head", "value_head", "multiple_choice_head", "clf_head"];

    private static readonly HashSet<string> TrainingStates =
        [
            "optimizer", "optimizers", "optimizer_state", "optimizer_states", "optim", "lr_scheduler", "lr_schedulers", "scheduler", "scaler",
            "grad_scaler", "rng_state"];

    private readonly TensorNaming naming;

    // What files have for a tensor, and the model's name for it.
    private readonly Dictionary<string, string> expected;
    private readonly string[] otherHeads;
    private readonly HashSet<string> tokenBiases;
    private readonly string[] prefixes;
    private readonly int longest;
    private readonly SortedSet<string> wrappers = new(StringComparer.Ordinal);

    internal TensorNames(ModelDescription model)
    {
        naming = model.Naming;
        tokenBiases = [.. ZeroBiases.TokenBiases(model)];
        // A copy of what the model is without is no parameter either.
        var copies = naming.Copies.Where(copy => !tokenBiases.Contains(copy.Meaning));
        expected = model.Tensors.Select(static tensor => tensor.Name).Concat(copies.Select(static copy => copy.Name))
            .ToDictionary(static name => name, StringComparer.Ordinal);
        foreach (var tensor in model.Tensors)
        {
            foreach (var alias in naming.Aliases.Where(alias => HasEnd(tensor.Name, alias.Meaning)))
                expected.TryAdd(tensor.Name[..^alias.Meaning.Length] + alias.Name, tensor.Name);
        }

        otherHeads = [.. naming.Heads.Where(head => !expected.Keys.Any(name => TensorNaming.IsUnder(name, head)))];
        prefixes = [.. ToolPrefixes.Prepend(naming.Prefix).Where(static prefix => prefix.Length > 0).Distinct()];
        longest = expected.Keys.Max(static name => name.Length);
    }

    /// <summary>What training tools put into the names of the parameters that were found, beside the word that published files have too.</summary>
    internal IReadOnlyCollection<string> ToolWords => wrappers;

    /// <summary>What a name means.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="parameter">The parameter, the bias, or the name without what is known to stand before it.</param>
    /// <param name="prefix">What stands before it and is not known; empty where nothing does.</param>
    internal TensorMeaning Find(string name, out string parameter, out string prefix)
    {
        prefix = "";
        parameter = name;
        if (IsFirstWord(name, TrainingStates))
            return TensorMeaning.TrainingState;
        var whole = name;
        foreach (var wrapper in Wrappers)
            name = name.Replace(wrapper, "", StringComparison.Ordinal);
        if (FindEnd(name, out parameter, out var before))
        {
            prefix = IsKnown(before) ? "" : before.ToString();
            wrappers.UnionWith(Wrappers.Where(wrapper => whole.Contains(wrapper, StringComparison.Ordinal)));
            if (prefix.Length == 0)
                AddToolWords(before);
            return TensorMeaning.Parameter;
        }

        var known = KnownPrefix(name);
        parameter = known == 0 ? name : name[known..];
        // A bias of the model's own head before a head of another kind.
        return IsBuffer(parameter) ? TensorMeaning.Buffer
            : tokenBiases.Contains(parameter) || IsBiasOfWeight(parameter) ? TensorMeaning.Bias
            : IsOtherHead(parameter) ? TensorMeaning.OtherHead
            : TensorMeaning.Unknown;
    }

    private void AddToolWords(ReadOnlySpan<char> before)
    {
        foreach (var prefix in prefixes)
        {
            if (prefix != naming.Prefix && (before.StartsWith(prefix) || before.IndexOf($".{prefix}") >= 0))
                wrappers.Add(prefix);
        }
    }

    /// <summary>The parameter with whose name, or another one for it, a name ends, after a dot or as a whole.</summary>
    private bool FindEnd(string name, out string parameter, out ReadOnlySpan<char> before)
    {
        var lookup = expected.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var start = Math.Max(0, name.Length - longest); start < name.Length; start++)
        {
            if ((start == 0 || name[start - 1] == '.') && lookup.TryGetValue(name.AsSpan(start), out parameter!))
            {
                before = name.AsSpan(0, start);
                return true;
            }
        }

        parameter = name;
        before = default;
        return false;
    }

    private bool IsBuffer(string name) => naming.Ignored.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    private bool IsOtherHead(string name) => IsFirstWord(name, OtherHeads) || Array.Exists(otherHeads, head => TensorNaming.IsUnder(name, head));

    private static bool HasEnd(string name, string end) =>
        name.EndsWith(end, StringComparison.Ordinal) && (name.Length == end.Length || name[^(end.Length + 1)] == '.');

    private bool IsBiasOfWeight(string name)
    {
        const string Ending = ".bias";
        return name.Length <= longest && name.EndsWith(Ending, StringComparison.Ordinal) && expected.ContainsKey(name[..^Ending.Length] + ".weight");
    }

    private static bool IsFirstWord(ReadOnlySpan<char> name, HashSet<string> words)
    {
        var dot = name.IndexOf('.');
        return dot > 0 && words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name[..dot]);
    }

    private bool IsKnown(ReadOnlySpan<char> prefix) => KnownPrefix(prefix) == prefix.Length;

    /// <summary>How many characters at the beginning of a name are known to say nothing.</summary>
    private int KnownPrefix(ReadOnlySpan<char> name)
    {
        var length = 0;
        while (true)
        {
            var step = 0;
            foreach (var prefix in prefixes)
                step = name[length..].StartsWith(prefix, StringComparison.Ordinal) ? prefix.Length : step;
            if (step == 0)
                return length;
            length += step;
        }
    }
}
