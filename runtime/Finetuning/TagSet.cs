namespace GptGen.Finetuning;

/// <summary>The tags that words of texts have, in the order of the head's scores: by their characters.</summary>
public sealed class TagSet : TaskTargets
{
    private const int MostNames = 20;

    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);

    /// <summary>Tags in a given order.</summary>
    /// <exception cref="GptGenException">There are fewer than two, or one is blank or occurs twice.</exception>
    public TagSet(IReadOnlyList<string> names)
    {
        Names = names;
        for (var index = 0; index < names.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(names[index]))
                throw new GptGenException($"Tag {index + 1} is empty: give each tag a name.");
            if (!indexes.TryAdd(names[index], index))
                throw new GptGenException($"The tag '{MessageText.Shorten(names[index])}' occurs twice: name each tag once.");
        }

        if (names.Count < 2)
            throw new GptGenException($"There is nothing to decide with {names.Count} tags: give words with at least two different ones.");
    }

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <inheritdoc/>
    public override int Outputs => Names.Count;

    /// <inheritdoc/>
    public override bool AreNumbers => false;

    /// <summary>The tags that occur in texts.</summary>
    /// <exception cref="GptGenException">There are fewer than two.</exception>
    public static TagSet Of(IEnumerable<TaskExample> examples) =>
        new([.. examples.SelectMany(static example => example.Tags ?? []).Distinct().Order(StringComparer.Ordinal)]);

    /// <summary>The predicted tags of a text's words.</summary>
    /// <param name="parts">The parts that the text was encoded as, in order.</param>
    /// <param name="predictions">What <see cref="TaskPredictor.Predict"/> gave for them.</param>
    public string[] TagsOf(IEnumerable<EncodedExample> parts, IEnumerable<float[]> predictions) =>
        [.. parts.Zip(predictions).SelectMany(part => Enumerable.Range(0, part.First.Positions.Length).Select(word => Best(part.Second, word)))];

    /// <inheritdoc/>
    public override IReadOnlyList<TaskExample> PassOverUnknown(IReadOnlyList<TaskExample> examples, Action<string>? note = null)
    {
        var unknown = examples.Where(example => example.Tags is not null && example.Tags.Any(tag => !indexes.ContainsKey(tag))).ToHashSet();
        if (unknown.Count > 0 || (examples.Any(static example => example.Tags is null) && examples.Any(static example => example.Tags is not null)))
            note?.Invoke($"{examples.Count(example => example.Tags is null) + unknown.Count} of {examples.Count} texts have words without a tag that "
                + "training had: nothing is measured");
        return [.. examples.Select(example => unknown.Contains(example) ? example with { Tags = null } : example)];
    }

    internal override EncodedExample Answered(int[][] sequences, TaskExample example) => new(sequences, -1);

    internal override bool Knows(string label) => indexes.ContainsKey(label);

    /// <summary>The number of a word's tag; -1 where it has none.</summary>
    /// <exception cref="GptGenException">The tag is not one of these.</exception>
    internal int IndexOf(TaskExample example, int word) => example.Tags is not { } tags ? -1
        : indexes.TryGetValue(tags[word], out var index) ? index
        : throw new GptGenException(
            $"{example.Source}: the tag '{MessageText.Shorten(tags[word])}' is not one of those in the training data "
            + $"({string.Join(", ", Names.Take(MostNames).Select(MessageText.Shorten))}{(Names.Count > MostNames ? ", …" : "")}): "
            + "correct it, or leave the text out.");

    private protected override TaskMetrics MeasureLabelled(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions)
    {
        var counts = new TagCounts();
        foreach (var text in examples.Zip(predictions).GroupBy(static part => part.First.Source, ReferenceEqualityComparer.Instance))
        {
            var (right, predicted) = (new List<string>(), new List<string>());
            foreach (var (part, probabilities) in text)
            {
                for (var word = 0; word < part.Positions.Length; word++)
                {
                    right.Add(Names[part.TokenLabels[word]]);
                    predicted.Add(Best(probabilities, word));
                    counts.AddLoss(probabilities[(word * Names.Count) + part.TokenLabels[word]]);
                }
            }

            counts.AddText(right, predicted);
        }

        return counts.Metrics();
    }

    private string Best(float[] probabilities, int word) => Names[TaskMetrics.Best(probabilities.AsSpan(word * Names.Count, Names.Count))];
}
