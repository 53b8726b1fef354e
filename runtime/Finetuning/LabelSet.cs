namespace GptGen.Finetuning;

/// <summary>The labels of a task in the order of the head's scores: by number where all are numbers, otherwise by their characters.</summary>
public sealed class LabelSet : TaskTargets
{
    private const int MostNames = 20;

    private static readonly Func<int, string>[] s_choiceNames =
    [
        static index => FormattableString.Invariant($"{index}"),
        static index => FormattableString.Invariant($"{index + 1}"),
        static index => $"{(char)('A' + index)}",
        static index => $"{(char)('a' + index)}",
    ];

    // What pandas and spreadsheets write for a value that is not known.
    private static readonly string[] s_missing = ["nan", "NaN", "null", "NULL", "None", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>"];

    private readonly Dictionary<string, int> indexes = [];
    private readonly Dictionary<string, int> meanings = [];
    private readonly bool isTruth;

    /// <summary>Labels in a given order.</summary>
    /// <exception cref="GptGenException">There are fewer than two, or one is blank or occurs twice.</exception>
    public LabelSet(IReadOnlyList<string> names)
    {
        Names = names;
        isTruth = LabelKey.AreTruth(names);
        for (var index = 0; index < names.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(names[index]))
                throw new GptGenException($"Label {index + 1} is empty: give each label a name.");
            if (!indexes.TryAdd(names[index], index))
                throw new GptGenException($"The label '{MessageText.Shorten(names[index])}' occurs twice: name each label once.");
            // Of several with one meaning, which only a given order can have, each is found by its own name alone.
            var meaning = LabelKey.Of(names[index], isTruth);
            if (!meanings.TryAdd(meaning, index))
                meanings[meaning] = -1;
        }

        if (names.Count < 2)
        {
            throw new GptGenException(
                $"There is nothing to decide with {(names.Count == 0 ? "no label" : $"the one label '{MessageText.Shorten(names[0])}'")}: "
                + "give examples of at least two labels.");
        }

        var values = names.Select(LabelKey.Number).ToArray();
        Values = values.All(static value => value.HasValue) ? [.. values.Select(static value => value!.Value)] : null;
    }

    /// <summary>The labels.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The labels' values where all of them are numbers, otherwise null.</summary>
    public IReadOnlyList<double>? Values { get; }

    /// <inheritdoc/>
    public override int Outputs => Names.Count;

    /// <inheritdoc/>
    public override bool AreNumbers => Values is not null;

    /// <summary>The labels that occur in examples. Ways of writing one number or truth value (1 and 1.0, true and True) are one label.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="note">Told of labels that look like one written in two ways.</param>
    /// <exception cref="GptGenException">There are fewer than two.</exception>
    public static LabelSet Of(IEnumerable<TaskExample> examples, Action<string>? note = null)
    {
        var written = examples.Select(static example => example.Label).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        var isTruth = LabelKey.AreTruth(written);
        var names = new List<string>();
        foreach (var same in written.GroupBy(label => LabelKey.Of(label, isTruth))
            .Select(static group => group.OrderBy(static label => label.Length).ToList()))
        {
            names.Add(same[0]);
            if (same.Count > 1)
                note?.Invoke($"the labels {List(same)} are taken as one, '{MessageText.Shorten(same[0])}'");
        }

        names.Sort(StringComparer.Ordinal);
        // Hugging Face's data sets have -1 beside the numbers of their classes.
        if (names.FindAll(name => s_missing.Contains(name) || (name == "-1" && names.Contains("0") && names.Contains("1"))) is { Count: > 0 } missing)
            note?.Invoke($"the label {List(missing)} is learned as a class: leave its lines out if it means that none is known");
        foreach (var alike in names.Where(static name => LabelKey.Number(name) is null).GroupBy(Letters).Where(static group => group.Count() > 1))
        {
            note?.Invoke(
                $"the labels {List(alike)} differ in case, spaces or dashes only and are learned apart: "
                + "write them alike if they are meant to be one");
        }

        var set = new LabelSet(names);
        return set.Values is null ? set : new([.. names.Zip(set.Values).OrderBy(static pair => pair.Second).Select(static pair => pair.First)]);
    }

    /// <summary>The labels that occur in examples of multiple choice: they number the choices from 0 or from 1, or letter them from A or a.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="choices">Choices of an example.</param>
    /// <param name="note">As in <see cref="Of"/>; also told where the labels could be texts of the choices instead.</param>
    /// <exception cref="GptGenException">They are something else, or one of the choices is never right.</exception>
    public static LabelSet OfChoices(IReadOnlyList<TaskExample> examples, int choices, Action<string>? note = null)
    {
        var set = Of(examples, note);
        var meanings = set.Names.Select(static name => LabelKey.Of(name, numbersTruth: false)).ToList();
        var isRow = Array.Exists(s_choiceNames, nameOf => meanings.SequenceEqual(Enumerable.Range(0, choices).Select(nameOf)));
        if (isRow && examples.All(static example => example.Label is null || example.Texts.Skip(1).Any(text => text.Trim() == example.Label)))
            note?.Invoke("every label is also the text of one of its choices, and is taken as a choice's number or letter, not as its text");
        return isRow ? set : throw new GptGenException(
            $"The examples have {choices} choices, but their labels have {set.Names.Count} different values ({set.Listed(8)}): "
            + "a label must be the number of the right choice, from 0 or from 1, or its letter from A, and each choice must be right somewhere.");
    }

    internal override EncodedExample Answered(int[][] sequences, TaskExample example) => new(sequences, IndexOf(example));

    internal override bool Knows(string label) => Find(label) >= 0;

    private protected override TaskMetrics MeasureLabelled(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions) =>
        TaskMetrics.Of(this, [.. examples.Select(static example => example.Label)], predictions);

    /// <summary>The number of an example's label, however it is written; -1 where it has none.</summary>
    /// <exception cref="GptGenException">The label is not one of these.</exception>
    public int IndexOf(TaskExample example) => example.Label is null ? -1
        : Find(example.Label) is >= 0 and var index ? index
        : throw new GptGenException(
            $"{example.Source}: the label '{MessageText.Shorten(example.Label)}' is not one of those in the training data ({Listed(MostNames)}): "
            + "correct it, or leave the line out.");

    private int Find(string label) =>
        indexes.TryGetValue(label, out var index) || meanings.TryGetValue(LabelKey.Of(label, isTruth), out index) ? index : -1;

    private string Listed(int most) => $"{string.Join(", ", Names.Take(most).Select(MessageText.Shorten))}{(Names.Count > most ? ", …" : "")}";

    private static string Letters(string label) =>
        string.Concat(label.Where(static character => character is not ('-' or '_') && !char.IsWhiteSpace(character))).ToUpperInvariant();

    private static string List(IEnumerable<string> labels) =>
        string.Join(" and ", labels.Take(MostNames).Select(static label => $"'{MessageText.Shorten(label)}'"));
}
