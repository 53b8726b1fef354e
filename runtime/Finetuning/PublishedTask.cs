using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GptGen.Checkpoints;

namespace GptGen.Finetuning;

/// <summary>
/// What the <c>config.json</c> of a fine-tuned encoder says of its task, as Hugging Face's libraries write it: the kind of head by the architecture's
/// name, and the labels in the order of its scores.
/// </summary>
/// <param name="IsTagger">Whether each word has a label; otherwise a text has, or two of them.</param>
/// <param name="Labels">The names in <c>id2label</c>; Hugging Face's <c>LABEL_0</c>, <c>LABEL_1</c> and so on where there is none.</param>
internal sealed record PublishedTask(bool IsTagger, IReadOnlyList<string> Labels)
{
    /// <summary>The key that counts labels.</summary>
    internal const string CountKey = "num_labels";

    private const string Classifier = "ForSequenceClassification";
    private const string Tagger = "ForTokenClassification";
    private const string NamesKey = "id2label";
    private const string NumbersKey = "label2id";
    private const int DefaultCount = 2;

    /// <summary>What a folder says; null where it names no such architecture.</summary>
    /// <exception cref="GptGenException">The file is damaged, or the labels are not one of several.</exception>
    internal static PublishedTask? Find(string folder)
    {
        var path = Path.Combine(folder, ModelConfig.FileName);
        if (!File.Exists(path))
            return null;
        using var document = JsonFile.Read(path);
        var config = document.RootElement;
        if (!config.TryGetProperty("architectures", out var names) || names.ValueKind != JsonValueKind.Array || names.GetArrayLength() != 1)
            return null;
        var name = names[0].ToString();
        var isTagger = name.EndsWith(Tagger, StringComparison.Ordinal);
        if (!isTagger && !name.EndsWith(Classifier, StringComparison.Ordinal))
            return null;
        if (config.TryGetProperty("problem_type", out var type) && type.ToString() is "multi_label_classification" or "regression")
        {
            throw new GptGenException(
                $"'{path}' says problem_type {type}, but a text is given one of several labels here: use another program for this model.");
        }

        return new(isTagger, ReadLabels(config, path));
    }

    /// <summary>
    /// The keys that name labels. A head may have more scores than there are names: Hugging Face's libraries count the names, so that the others have
    /// the names that these give them.
    /// </summary>
    internal static (string Name, JsonNode? Value)[] Keys(IReadOnlyList<string> labels, int scores)
    {
        var (names, numbers) = (new JsonObject(), new JsonObject());
        for (var index = 0; index < scores; index++)
        {
            var name = index < labels.Count ? labels[index] : DefaultName(index);
            while (index >= labels.Count && (numbers.ContainsKey(name) || labels.Contains(name)))
                name += "_";
            names.Add(index.ToString(CultureInfo.InvariantCulture), name);
            numbers.Add(name, index);
        }

        return [(NamesKey, names), (NumbersKey, numbers)];
    }

    private static string[] ReadLabels(JsonElement config, string path)
    {
        if (!config.TryGetProperty(NamesKey, out var named) || named.ValueKind == JsonValueKind.Null)
        {
            var isCounted = config.TryGetProperty(CountKey, out var number) && number.ValueKind == JsonValueKind.Number;
            var count = !isCounted ? DefaultCount : number.TryGetInt32(out var given) && given is > 0 and <= ushort.MaxValue ? given
                : throw new GptGenException(
                    $"'{path}': {CountKey} is {MessageText.Shorten(number.ToString())}, which is no number of labels: restore it.");
            return [.. Enumerable.Range(0, count).Select(DefaultName)];
        }

        if (named.ValueKind != JsonValueKind.Object)
            throw Wrong();
        var labels = new string?[named.GetPropertyCount()];
        foreach (var item in named.EnumerateObject())
        {
            if (!int.TryParse(item.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= labels.Length
                || labels[index] is not null || item.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
                throw Wrong();
            labels[index] = item.Value.ToString();
        }

        return labels!;

        GptGenException Wrong() =>
            new($"'{path}': {NamesKey} must name each label once, by its number from 0 on: restore it.");
    }

    private static string DefaultName(int index) => string.Create(CultureInfo.InvariantCulture, $"LABEL_{index}");
}
