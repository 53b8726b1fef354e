using System.Text.Json;

namespace GptGen.Checkpoints;

/// <summary>
/// A <c>config.json</c> that was read: no key occurs twice, and none asks for a computation that no class has. What it says is compared with models.
/// </summary>
internal sealed class ConfigFile : IDisposable
{
    // What Hugging Face's library takes where a configuration of these families does not say it, and tensors do not show.
    private const int DefaultHeads = 12;
    private const float DefaultEpsilon = 1e-5f;

    private static readonly string[] Families = ["gpt2", "openai-gpt"];

    private readonly JsonDocument document;
    private readonly string source;
    private readonly List<ConfigEntry> compared = [];
    private readonly List<string> unknown = [];
    private readonly HashSet<string> keys = [];

    private ConfigFile(JsonDocument document, string source)
    {
        this.document = document;
        this.source = source;
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="GptGenException">It is missing or damaged, or asks for what no class computes.</exception>
    internal static ConfigFile Open(string path) => Create(JsonFile.Read(path), path);

    /// <summary>As <see cref="Open"/>, for JSON that another file carries; <paramref name="source"/> is its name in messages.</summary>
    internal static ConfigFile Parse(ReadOnlyMemory<byte> json, string source) => Create(JsonFile.Parse(json, source), source);

    private static ConfigFile Create(JsonDocument document, string source)
    {
        var file = new ConfigFile(document, source);
        try
        {
            file.Sort();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Throws unless the file agrees with a model.</summary>
    /// <exception cref="GptGenException">It describes another.</exception>
    internal void Check(ModelDescription model, Action<string>? note)
    {
        if (Differences(model) is [var difference, ..])
            throw new GptGenException($"{Describe(difference, model)}. Use the model that fits, or other weights.");
        if (note is null)
            return;
        foreach (var line in Notes(model))
            note(line);
    }

    /// <summary>The beginning of a sentence that says how the file differs from a model.</summary>
    internal string Describe(ConfigDifference difference, ModelDescription model) =>
        $"'{source}' describes another model: {difference.Key} is {difference.Found}, but {model.Name} has {difference.Expected}";

    /// <summary>Everything in which the file describes another model, in the file's order.</summary>
    /// <exception cref="GptGenException">A value is damaged.</exception>
    internal IReadOnlyList<ConfigDifference> Differences(ModelDescription model)
    {
        var differences = new List<ConfigDifference>();
        foreach (var entry in compared)
        {
            if (ConfigKeys.Compared[entry.Key](entry, model) is { } difference)
                differences.Add(difference);
        }

        if (keys.Contains("model_type"))
            AddDefaults(differences, model);
        return differences;
    }

    /// <summary>Whether a model's vocabulary is the file's, without padding behind it.</summary>
    internal bool IsVocabularyOf(ModelDescription model) =>
        !document.RootElement.TryGetProperty("vocab_size", out var rows)
        || (rows.ValueKind == JsonValueKind.Number && rows.TryGetDouble(out var count) && count == model.Vocabulary);

    /// <inheritdoc/>
    public void Dispose() => document.Dispose();

    private IEnumerable<string> Notes(ModelDescription model)
    {
        if (unknown.Count > 0)
            yield return $"'{source}' has {Listing.Of(unknown)}, which GptGen does not know and does not obey";
        if (!IsVocabularyOf(model))
        {
            var rows = new ConfigEntry(source, "vocab_size", document.RootElement.GetProperty("vocab_size")).Text;
            yield return $"'{source}' says vocab_size {rows}: the rows behind {model.Name}'s {model.Vocabulary} tokens are padding, which is left out";
        }

        if (document.RootElement.TryGetProperty("n_ctx", out var positions) && positions.ValueKind == JsonValueKind.Number
            && positions.TryGetDouble(out var count) && count != model.Context)
        {
            var found = new ConfigEntry(source, "n_ctx", positions).Text;
            yield return $"'{source}' says n_ctx {found}, which is not obeyed: n_positions, {model.Context}, decides";
        }

        foreach (var entry in compared.Where(static entry => entry.Key == "architectures" && !entry.IsNull))
        {
            var family = model.Family.Replace("-", "", StringComparison.Ordinal);
            foreach (var name in entry.Value.EnumerateArray().Select(static name => name.GetString()!))
            {
                if (!name.Contains(family, StringComparison.OrdinalIgnoreCase))
                {
                    var quote = MessageText.Shorten(name);
                    yield return $"'{source}' names the architecture '{quote}', which GptGen does not know: the weights are read as {model.Family}";
                }
            }
        }
    }

    /// <summary>Tells the known keys from the others.</summary>
    private void Sort()
    {
        // A family that is none of ours is refused by its name, not by the first of its many keys.
        var isForeign = document.RootElement.TryGetProperty("model_type", out var family)
            && family.ValueKind == JsonValueKind.String && !Families.Contains(family.GetString());
        foreach (var property in document.RootElement.EnumerateObject())
        {
            var entry = new ConfigEntry(source, property.Name, property.Value);
            if (!keys.Add(entry.Key))
            {
                var first = new ConfigEntry(
                    source, entry.Key, document.RootElement.EnumerateObject().First(other => other.NameEquals(entry.Key)).Value);
                var key = MessageText.Shorten(entry.Key);
                throw new GptGenException($"'{source}' has '{key}' twice, as {first.Text} and as {entry.Text}. Keep the right one.");
            }

            if (isForeign && entry.Key != "model_type")
                continue;
            if (ConfigKeys.Compared.ContainsKey(entry.Key))
            {
                compared.Add(entry);
            }
            else if (ConfigKeys.Fixed.ContainsKey(entry.Key))
            {
                ConfigKeys.RequireFixed(entry);
            }
            else if (!ConfigKeys.Harmless.Contains(entry.Key))
            {
                ConfigKeys.RefuseTelling(entry);
                unknown.Add(entry.Key);
            }
        }
    }

    /// <summary>What the file does not say means what Hugging Face's library takes for it.</summary>
    private void AddDefaults(List<ConfigDifference> differences, ModelDescription model)
    {
        const string Absent = "not said, which means ";
        if (!keys.Contains("n_head") && !keys.Contains("num_attention_heads") && model.Heads != DefaultHeads)
            differences.Add(new("n_head", $"{Absent}{DefaultHeads}", $"{model.Heads}"));
        if (!keys.Contains("activation_function") && !keys.Contains("afn") && model.Activation != Activation.GeluTanh)
            differences.Add(new("activation_function", $"{Absent}gelu_new", ActivationNames.Of(model.Activation)));
        var isOtherEpsilon = Math.Abs(model.Epsilon - DefaultEpsilon) > DefaultEpsilon * ConfigKeys.EpsilonTolerance;
        if (!keys.Contains("layer_norm_epsilon") && !keys.Contains("layer_norm_eps") && isOtherEpsilon)
            differences.Add(new("layer_norm_epsilon", $"{Absent}1e-05", FormattableString.Invariant($"{model.Epsilon}")));
        if (!keys.Contains("tie_word_embeddings") && !model.TiedHead)
            differences.Add(new("tie_word_embeddings", $"{Absent}true", "false (TiedHead = false)"));
    }
}
