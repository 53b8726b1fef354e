namespace GptGen.Finetuning;

/// <summary>
/// Counts how well words are tagged: the share of right tags, and precision, recall and F1 of whole entities, whose type and both borders must be
/// right, over all texts together, as the script conlleval of CoNLL's shared tasks and the library seqeval count them.
/// </summary>
public sealed class TagCounts
{
    private readonly SortedDictionary<string, (int Right, int Predicted, int Support)> types = new(StringComparer.Ordinal);
    private double loss;
    private int texts;
    private int words;
    private int rightWords;

    /// <summary>Counts a text.</summary>
    /// <param name="right">The tags of its words.</param>
    /// <param name="predicted">The predicted ones.</param>
    /// <exception cref="ArgumentException">They differ in number.</exception>
    public void AddText(IReadOnlyList<string> right, IReadOnlyList<string> predicted)
    {
        if (right.Count != predicted.Count)
            throw new ArgumentException($"{right.Count} tags and {predicted.Count} predicted ones cannot be compared.", nameof(predicted));
        texts++;
        words += right.Count;
        rightWords += right.Zip(predicted).Count(static pair => pair.First == pair.Second);
        var (entities, found) = (EntitiesOf(right), EntitiesOf(predicted).ToHashSet());
        foreach (var entity in entities)
            Count(entity.Type, found.Contains(entity) ? 1 : 0, 0, 1);
        foreach (var entity in found)
            Count(entity.Type, 0, 1, 0);
    }

    /// <summary>
    /// The entities of a text: their type, first word and last. <c>B-</c> begins one, <c>I-</c> goes on, <c>E-</c> ends and <c>S-</c> is one; a type
    /// that changes, or an <c>I-</c> behind <c>O</c>, begins one too. A tag without such a beginning, as <c>NOUN</c>, goes on as long as it stays.
    /// </summary>
    /// <param name="tags">The tags.</param>
    public static IReadOnlyList<(string Type, int First, int Last)> EntitiesOf(IReadOnlyList<string> tags)
    {
        var entities = new List<(string, int, int)>();
        var (before, type, first) = ('O', "", 0);
        for (var word = 0; word <= tags.Count; word++)
        {
            var (mark, next) = word < tags.Count ? Parse(tags[word]) : ('O', "");
            var ends = before is 'E' or 'S' || (before is 'B' or 'I' && mark is 'B' or 'S' or 'O') || (before != 'O' && type != next);
            if (before != 'O' && ends)
                entities.Add((type, first, word - 1));
            var begins = mark is 'B' or 'S' || (before is 'E' or 'S' or 'O' && mark is 'E' or 'I') || (mark != 'O' && type != next);
            first = begins ? word : first;
            (before, type) = (mark, next);
        }

        return entities;
    }

    /// <summary>What was counted.</summary>
    /// <exception cref="InvalidOperationException">No text was.</exception>
    public TaskMetrics Metrics()
    {
        if (words == 0)
            throw new InvalidOperationException("No words were counted.");
        var all = new ClassMetrics(
            "", types.Values.Sum(static type => type.Support), Share(Sum(static type => type.Right), Sum(static type => type.Predicted)),
            Share(Sum(static type => type.Right), Sum(static type => type.Support)));
        return new()
        {
            Examples = texts,
            Loss = loss / words,
            Accuracy = (double)rightWords / words,
            F1 = all.F1,
            Matthews = double.NaN,
            Pearson = null,
            Spearman = null,
            Entities = all,
            Classes =
            [
                .. types.Select(static type => new ClassMetrics(
                    type.Key, type.Value.Support, Share(type.Value.Right, type.Value.Predicted), Share(type.Value.Right, type.Value.Support))),
            ],
        };
    }

    /// <summary>Counts a word's loss.</summary>
    internal void AddLoss(float probability) => loss -= Math.Log(Math.Max(probability, float.Epsilon));

    private static (char Mark, string Type) Parse(string tag) =>
        tag == "O" ? ('O', "")
        : tag.Length > 2 && tag[1] == '-' && tag[0] is 'B' or 'I' or 'E' or 'S' ? (tag[0], tag[2..])
        : ('I', tag);

    private static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;

    private int Sum(Func<(int Right, int Predicted, int Support), int> of) => types.Values.Sum(of);

    private void Count(string type, int right, int predicted, int support)
    {
        var before = types.GetValueOrDefault(type);
        types[type] = (before.Right + right, before.Predicted + predicted, before.Support + support);
    }
}
