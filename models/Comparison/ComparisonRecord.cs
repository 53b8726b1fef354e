using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GptGen.Checkpoints;
using GptGen.Files;

namespace GptGen.Models.Comparison;

/// <summary>What a comparison has found so far, kept as <c>comparison.json</c>: a run that is interrupted goes on behind it.</summary>
internal sealed class ComparisonRecord
{
    internal const string FileName = "comparison.json";

    /// <summary>The form of the file.</summary>
    public required int Version { get; init; }

    /// <summary>What is compared.</summary>
    public required ComparisonSettings Settings { get; init; }

    /// <summary>The day on which the comparison began, as 2026-11-26.</summary>
    public required string Date { get; init; }

    /// <summary>The machine on which speed was measured; empty before that.</summary>
    public string Machine { get; set; } = "";

    /// <summary>Whether the folder's text, vocabulary and tasks are complete.</summary>
    public bool IsPrepared { get; set; }

    /// <summary>Tokens of the text to train on, of which the last tenth only watches the training.</summary>
    public long TextTokens { get; set; }

    /// <summary>Bytes of the text that perplexity is measured on.</summary>
    public long HeldOutBytes { get; set; }

    /// <summary>How many of its tokens stand for words that the vocabulary cannot say.</summary>
    public long HeldOutUnknown { get; set; }

    /// <summary>The systems' numbers, by title and measure; of the rows for reference too.</summary>
    public required Dictionary<string, Dictionary<Measure, double>> Systems { get; init; }

    /// <summary>What was measured beside the table, by title.</summary>
    public required Dictionary<string, List<string>> Remarks { get; init; }

    /// <summary>The same comparison with the next seeds, one after another; null where there is none. They have no such list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<ComparisonRecord>? OtherSeeds { get; set; }

    /// <summary>The records of all seeds.</summary>
    [JsonIgnore]
    public IEnumerable<ComparisonRecord> Seeds => [this, .. OtherSeeds ?? []];

    /// <summary>The record of a folder, or a new one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">What is compared.</param>
    /// <exception cref="GptGenException">The folder holds a comparison of something else, a damaged one, or something that is none.</exception>
    internal static ComparisonRecord Open(string folder, ComparisonSettings settings)
    {
        var path = Path.Combine(folder, FileName);
        if (FileStatus.Of(path).Kind == FileKind.Missing)
        {
            if (Directory.EnumerateFileSystemEntries(folder).Any(static entry => Path.GetFileName(entry) != FolderClaim.FileName))
                throw new GptGenException($"'{folder}' holds something and is no comparison: name an empty or a new folder with --out.");
            return Empty(settings);
        }

        var record = Read(path);
        return record.Settings.ToJson() == settings.ToJson()
            ? record
            : throw new GptGenException(
                $"'{path}' is of a comparison with other options: give those again to go on with it, or name another folder.");
    }

    /// <summary>The record of a seed, counted from 0; a new one behind the last. The text must be prepared.</summary>
    internal ComparisonRecord OfSeed(int index)
    {
        if (index == 0)
            return this;
        OtherSeeds ??= [];
        if (index > OtherSeeds.Count)
        {
            var other = Empty(Settings with { Seed = unchecked(Settings.Seed + (uint)index) });
            (other.IsPrepared, other.TextTokens) = (true, TextTokens);
            (other.HeldOutBytes, other.HeldOutUnknown) = (HeldOutBytes, HeldOutUnknown);
            OtherSeeds.Add(other);
        }

        return OtherSeeds[index - 1];
    }

    /// <summary>A system's numbers with all seeds of which it is measured.</summary>
    internal IReadOnlyList<double> FindAll(string title, Measure measure) =>
        [.. Seeds.Select(record => record.Find(title, measure)).OfType<double>()];

    /// <summary>A system's number; null where it is not measured yet.</summary>
    internal double? Find(string title, Measure measure) =>
        Systems.TryGetValue(title, out var numbers) && numbers.TryGetValue(measure, out var number) ? number : null;

    /// <summary>Takes a number.</summary>
    internal void Set(string title, Measure measure, double number)
    {
        if (!Systems.TryGetValue(title, out var numbers))
            Systems.Add(title, numbers = []);
        numbers[measure] = number;
    }

    /// <summary>The record as JSON.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, ComparisonJson.Default.ComparisonRecord);

    /// <summary>A record that another process has read.</summary>
    internal static ComparisonRecord Parse(string json) => JsonSerializer.Deserialize(json, ComparisonJson.Default.ComparisonRecord)!;

    /// <summary>Writes the record as JSON.</summary>
    internal void Write(Stream stream) => JsonSerializer.Serialize(stream, this, ComparisonJson.Default.ComparisonRecord);

    /// <summary>Replaces the folder's record.</summary>
    /// <exception cref="GptGenException">It cannot be written.</exception>
    internal void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), Write);

    private static ComparisonRecord Empty(ComparisonSettings settings) => new()
    {
        Version = 1,
        Settings = settings,
        Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Systems = [],
        Remarks = [],
    };

    private static ComparisonRecord Read(string path)
    {
        try
        {
            var bytes = InputFile.ReadAll(path, "the record of a comparison");
            if (JsonSerializer.Deserialize(bytes, ComparisonJson.Default.ComparisonRecord) is { Version: 1 } record)
                return record;
        }
        catch (JsonException)
        {
        }

        throw new GptGenException($"'{path}' is no record of a comparison, or is damaged: name another folder.");
    }
}
