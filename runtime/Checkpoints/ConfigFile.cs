using System.Text.Json;

namespace GptGen.Checkpoints;

/// <summary>
/// A <c>config.json</c> that was read, in which no key occurs twice. What it says is compared with models.
/// </summary>
internal sealed class ConfigFile : IDisposable
{
    private const string Family = "model_type";

    private readonly JsonDocument document;
    private readonly string source;
    private readonly List<ConfigEntry> entries = [];
    private readonly HashSet<string> keys = [];

    private ConfigFile(JsonDocument document, string source)
    {
        this.document = document;
        this.source = source;
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="GptGenException">It is missing or damaged.</exception>
    internal static ConfigFile Open(string path) => Create(JsonFile.Read(path), path);

    /// <summary>As <see cref="Open"/>, for JSON that another file carries; <paramref name="source"/> is its name in messages.</summary>
    internal static ConfigFile Parse(ReadOnlyMemory<byte> json, string source) => Create(JsonFile.Parse(json, source), source);

    private static ConfigFile Create(JsonDocument document, string source)
    {
        var file = new ConfigFile(document, source);
        try
        {
            file.List();
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

    /// <summary>
    /// Everything in which the file describes another model, in the file's order. Another family is one difference: it is refused by its name, not by
    /// the first of its many keys.
    /// </summary>
    /// <exception cref="GptGenException">A value is damaged, or asks for what no class computes.</exception>
    internal IReadOnlyList<ConfigDifference> Differences(ModelDescription model)
    {
        if (OtherFamily(model) is { } family)
            return [family];
        var differences = new List<ConfigDifference>();
        var said = EntriesFor(model).ToList();
        foreach (var entry in said)
        {
            if (ConfigKeys.RuleOf(entry.Key, model) is { } rule)
                Add(rule(entry, model));
            else if (ConfigKeys.Fixed.ContainsKey(entry.Key))
                ConfigKeys.RequireFixed(entry);
            else if (!ConfigKeys.IsHarmless(entry.Key, model))
                ConfigKeys.RefuseTelling(entry);
        }

        // What a file of the family does not say means what the family's own library takes for it.
        foreach (var key in model.Config)
        {
            if (key.Absent is { } && IsOfFamily(key) && !said.Exists(entry => key.IsNamed(entry.Key)))
                Add(ConfigKeys.Unsaid(new(source, key.Name, default), key, model, "not said"));
        }

        return differences;

        void Add(ConfigDifference? difference)
        {
            if (difference is not null)
                differences.Add(difference);
        }

        // An object whose keys are the family's own names it as well.
        bool IsOfFamily(ConfigKey key) => keys.Contains(Family) || (key.Name.IndexOf('.') is > 0 and var dot && keys.Contains(key.Name[..dot]));
    }

    /// <summary>The difference of a file that is another family's; null where it is the model's, or does not say.</summary>
    internal ConfigDifference? OtherFamily(ModelDescription model) =>
        document.RootElement.TryGetProperty(Family, out var family) && family.ValueKind == JsonValueKind.String && family.GetString() != model.Family
            ? new ConfigEntry(source, Family, family).Different(model.Family)
            : null;

    /// <summary>Whether a model's vocabulary is the file's, without padding behind it.</summary>
    internal bool IsVocabularyOf(ModelDescription model) =>
        !document.RootElement.TryGetProperty("vocab_size", out var rows)
        || (rows.ValueKind == JsonValueKind.Number && rows.TryGetDouble(out var count) && count == model.Vocabulary);

    /// <inheritdoc/>
    public void Dispose() => document.Dispose();

    private IEnumerable<string> Notes(ModelDescription model)
    {
        var unknown = EntriesFor(model).Select(static entry => entry.Key)
            .Where(key => ConfigKeys.RuleOf(key, model) is null && !ConfigKeys.Fixed.ContainsKey(key) && !ConfigKeys.IsHarmless(key, model)).ToList();
        if (unknown.Count > 0)
            yield return $"'{source}' has {Listing.Of(unknown)}, which GptGen does not know and does not obey";
        if (!IsVocabularyOf(model))
        {
            var rows = new ConfigEntry(source, "vocab_size", document.RootElement.GetProperty("vocab_size")).Text;
            yield return $"'{source}' says vocab_size {rows}: the rows behind {model.Name}'s {model.Vocabulary} tokens are padding, "
                + "which is left out";
        }

        if (document.RootElement.TryGetProperty("n_ctx", out var positions) && positions.ValueKind == JsonValueKind.Number
            && positions.TryGetDouble(out var count) && count != model.Context)
        {
            var found = new ConfigEntry(source, "n_ctx", positions).Text;
            yield return $"'{source}' says n_ctx {found}, which is not obeyed: n_positions, {model.Context}, decides";
        }

        // Attention's dropout in a family that drops nothing of its attention: training would go on otherwise than it began.
        if (model.Config.Any(static own => own.IsNamed("dropatt")) && document.RootElement.TryGetProperty("dropatt", out var dropped)
            && dropped.ValueKind == JsonValueKind.Number && dropped.GetDouble() > 0)
        {
            var found = new ConfigEntry(source, "dropatt", dropped).Text;
            yield return $"'{source}' says dropatt {found}: GptGen drops nothing of {model.Name}'s attention when it trains on";
        }

        // What the paper measured with; a graph says it, not a model.
        if (model.Config.Any(static own => own.IsNamed("same_length")) && document.RootElement.TryGetProperty("same_length", out var same)
            && same.ValueKind == JsonValueKind.True)
            yield return $"'{source}' says same_length true: rows see their whole segment and memory, unless SameLength is set in C#";

        foreach (var entry in entries.Where(static entry => entry.Key == "architectures" && !entry.IsNull))
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

    /// <summary>The keys; in the place of an object whose keys the family knows, these with its name and a dot before their own.</summary>
    private IEnumerable<ConfigEntry> EntriesFor(ModelDescription model)
    {
        return entries.SelectMany(Expand);

        IEnumerable<ConfigEntry> Expand(ConfigEntry entry) =>
            entry.Value.ValueKind == JsonValueKind.Object
            && model.Config.Any(key => key.Name.StartsWith(entry.Key + ".", StringComparison.Ordinal))
                ? entry.Value.EnumerateObject().SelectMany(inner => Expand(new(source, $"{entry.Key}.{inner.Name}", inner.Value)))
                : [entry];
    }

    /// <summary>Lists the keys, of which none may occur twice.</summary>
    private void List()
    {
        foreach (var property in document.RootElement.EnumerateObject())
        {
            var entry = new ConfigEntry(source, property.Name, property.Value);
            if (!keys.Add(entry.Key))
            {
                var first = entries.Find(other => other.Key == entry.Key);
                var key = MessageText.Shorten(entry.Key);
                throw new GptGenException($"'{source}' has '{key}' twice, as {first.Text} and as {entry.Text}. Keep the right one.");
            }

            entries.Add(entry);
        }
    }
}
