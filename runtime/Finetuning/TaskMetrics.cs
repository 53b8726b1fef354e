namespace GptGen.Finetuning;

/// <summary>What is counted of predictions on labelled examples. Of grades there are only the loss and correlations.</summary>
public sealed record TaskMetrics
{
    /// <summary>Number of examples.</summary>
    public required int Examples { get; init; }

    /// <summary>Mean of -log p(right label), in nats; of grades the mean squared error, on their own scale.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of examples whose most probable label is right, or of words whose tag is; NaN of grades.</summary>
    public required double Accuracy { get; init; }

    /// <summary>
    /// With two labels the second one's F1, otherwise the mean of every label's (macro F1); of tagged words, that of all entities; NaN of grades.
    /// </summary>
    public required double F1 { get; init; }

    /// <summary>
    /// Matthews' correlation; with more than two labels its generalisation R_K (Gorodkin 2004). 0 where it is not defined, NaN of grades.
    /// </summary>
    public required double Matthews { get; init; }

    /// <summary>
    /// Pearson's correlation of the expected value with the label's, or of the grades; null where labels are no numbers or one side is constant.
    /// </summary>
    public required double? Pearson { get; init; }

    /// <summary>Spearman's correlation of the same (Pearson's of the ranks, equal values sharing their mean rank); null as there.</summary>
    public required double? Spearman { get; init; }

    /// <summary>Of tagged words, how well whole entities are found (<see cref="TagCounts"/>); null of other tasks.</summary>
    public ClassMetrics? Entities { get; init; }

    /// <summary>
    /// Whether the examples are questions: <see cref="Accuracy"/> is then the share of exact answers, and <see cref="F1"/> the mean of their words'
    /// (<see cref="AnswerMatch"/>).
    /// </summary>
    public bool AreAnswers { get; init; }

    /// <summary>Whether answers are right or wrong, and not grades.</summary>
    public bool AreCounted => !double.IsNaN(Accuracy);

    /// <summary>Each label, or type of entities; none of grades.</summary>
    public required IReadOnlyList<ClassMetrics> Classes { get; init; }

    /// <summary>Counts predictions.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="right">The number of each example's label.</param>
    /// <param name="probabilities">Of each example, a probability for each label.</param>
    /// <exception cref="ArgumentException">There is no example, or the two lists differ in length.</exception>
    public static TaskMetrics Of(LabelSet labels, IReadOnlyList<int> right, IReadOnlyList<float[]> probabilities)
    {
        if (right.Count == 0 || right.Count != probabilities.Count)
            throw new ArgumentException($"{right.Count} labels and {probabilities.Count} predictions cannot be compared.", nameof(right));
        var confusion = new int[labels.Names.Count, labels.Names.Count];
        var loss = 0.0;
        for (var example = 0; example < right.Count; example++)
        {
            confusion[right[example], Best(probabilities[example])]++;
            loss -= Math.Log(Math.Max(probabilities[example][right[example]], float.Epsilon));
        }

        var classes = Enumerable.Range(0, labels.Names.Count).Select(label => Class(labels.Names[label], confusion, label)).ToList();
        var (pearson, spearman) = Correlations(labels.Values, right, probabilities);
        return new()
        {
            Examples = right.Count,
            Loss = loss / right.Count,
            Accuracy = (double)Enumerable.Range(0, classes.Count).Sum(label => confusion[label, label]) / right.Count,
            F1 = classes.Count == 2 ? classes[1].F1 : classes.Average(static label => label.F1),
            Matthews = MatthewsOf(confusion),
            Pearson = pearson,
            Spearman = spearman,
            Classes = classes,
        };
    }

    /// <summary>Compares grades.</summary>
    /// <param name="right">Each example's grade.</param>
    /// <param name="predicted">Each example's predicted grade.</param>
    /// <exception cref="ArgumentException">There is no example, or the two lists differ in length.</exception>
    public static TaskMetrics OfGrades(double[] right, double[] predicted)
    {
        if (right.Length == 0 || right.Length != predicted.Length)
            throw new ArgumentException($"{right.Length} grades and {predicted.Length} predictions cannot be compared.", nameof(right));
        return new()
        {
            Examples = right.Length,
            Loss = right.Zip(predicted).Average(static pair => Math.Pow(pair.First - pair.Second, 2)),
            Accuracy = double.NaN,
            F1 = double.NaN,
            Matthews = double.NaN,
            Pearson = Correlation.Pearson(predicted, right),
            Spearman = Correlation.Spearman(predicted, right),
            Classes = [],
        };
    }

    /// <summary>The number of the largest value, the first of equals.</summary>
    public static int Best(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var index = 1; index < values.Length; index++)
            best = values[index] > values[best] ? index : best;
        return best;
    }

    private static ClassMetrics Class(string name, int[,] confusion, int label)
    {
        var (support, predicted) = Totals(confusion, label);
        double found = confusion[label, label];
        return new(name, support, predicted == 0 ? 0 : found / predicted, support == 0 ? 0 : found / support);
    }

    private static (int Support, int Predicted) Totals(int[,] confusion, int label)
    {
        var (support, predicted) = (0, 0);
        for (var other = 0; other < confusion.GetLength(0); other++)
            (support, predicted) = (support + confusion[label, other], predicted + confusion[other, label]);
        return (support, predicted);
    }

    /// <summary>(c s - sum p t) / sqrt((s² - sum p²)(s² - sum t²)): c right ones of s, p predictions and t examples of each label.</summary>
    private static double MatthewsOf(int[,] confusion)
    {
        double right = 0, all = 0, both = 0, predictions = 0, examples = 0;
        for (var label = 0; label < confusion.GetLength(0); label++)
        {
            var (support, predicted) = Totals(confusion, label);
            right += confusion[label, label];
            all += support;
            both += (double)support * predicted;
            predictions += (double)predicted * predicted;
            examples += (double)support * support;
        }

        var product = ((all * all) - predictions) * ((all * all) - examples);
        return product > 0 ? ((right * all) - both) / Math.Sqrt(product) : 0;
    }

    private static (double? Pearson, double? Spearman) Correlations(
        IReadOnlyList<double>? values, IReadOnlyList<int> right, IReadOnlyList<float[]> probabilities)
    {
        if (values is null)
            return (null, null);
        var expected = probabilities.Select(row => row.Select((probability, label) => probability * values[label]).Sum()).ToArray();
        var given = right.Select(label => values[label]).ToArray();
        return (Correlation.Pearson(expected, given), Correlation.Spearman(expected, given));
    }
}
