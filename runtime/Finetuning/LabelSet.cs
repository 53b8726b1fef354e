using System.Globalization;

namespace GptGen.Finetuning;

/// <summary>The labels of a task in the order of the head's scores: by number where all are numbers, otherwise by their characters.</summary>
public sealed class LabelSet : TaskTargets
{
    private readonly Dictionary<string, int> indexes;

    /// <summary>Labels in a given order.</summary>
    /// <exception cref="GptGenException">There are fewer than two, or one occurs twice.</exception>
    public LabelSet(IReadOnlyList<string> names)
    {
        Names = names;
        indexes = [];
        for (var index = 0; index < names.Count; index++)
        {
            if (!indexes.TryAdd(names[index], index))
                throw new GptGenException($"The label '{names[index]}' occurs twice: name each label once.");
        }

        if (names.Count < 2)
            throw new GptGenException($"There is nothing to decide with {(names.Count == 0 ? "no label" : $"the one label '{names[0]}'")}: give examples of at least two labels.");
        var values = names.Select(static name => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN).ToArray();
        Values = values.All(double.IsFinite) ? values : null;
    }

    /// <summary>The labels.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The labels' values where all of them are numbers, otherwise null.</summary>
    public IReadOnlyList<double>? Values { get; }

    /// <inheritdoc/>
    public override int Outputs => Names.Count;

    /// <inheritdoc/>
    public override bool AreNumbers => Values is not null;

    /// <summary>The labels that occur in examples.</summary>
    /// <exception cref="GptGenException">There are fewer than two.</exception>
    public static LabelSet Of(IEnumerable<TaskExample> examples)
    {
        var names = examples.Select(static example => example.Label).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        var set = new LabelSet(names);
        return set.Values is null ? set : new([.. names.Zip(set.Values).OrderBy(static pair => pair.Second).Select(static pair => pair.First)]);
    }

    internal override EncodedExample Answered(int[][] sequences, TaskExample example) => new(sequences, IndexOf(example));

    private protected override TaskMetrics MeasureLabelled(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions) =>
        TaskMetrics.Of(this, [.. examples.Select(static example => example.Label)], predictions);

    /// <summary>The number of an example's label; -1 where it has none.</summary>
    /// <exception cref="GptGenException">The label is not one of these.</exception>
    public int IndexOf(TaskExample example) => example.Label is null ? -1
        : indexes.TryGetValue(example.Label, out var index) ? index
        : throw new GptGenException($"{example.Source}: the label '{example.Label}' is not one of those in the training data ({string.Join(", ", Names.Take(20))}{(Names.Count > 20 ? ", …" : "")}): correct it, or leave the line out.");
}
