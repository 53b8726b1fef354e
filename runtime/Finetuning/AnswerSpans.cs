namespace GptGen.Finetuning;

/// <summary>Answers as places in a context.</summary>
public sealed class AnswerSpans : TaskTargets
{
    /// <summary>The most tokens of an answer, as in the paper's code.</summary>
    private const int LongestAnswer = 30;

    /// <summary>What answers may be.</summary>
    /// <param name="mayBeMissing">Whether a context may have no answer, which is then predicted as an empty one.</param>
    public AnswerSpans(bool mayBeMissing) => MayBeMissing = mayBeMissing;

    /// <summary>Whether a context may have no answer, which is then predicted as an empty one.</summary>
    public bool MayBeMissing { get; }

    /// <summary>A beginning and an end.</summary>
    public override int Outputs => 2;

    /// <inheritdoc/>
    public override bool AreNumbers => false;

    /// <summary>The answers that occur in examples: they may be missing where one of these is.</summary>
    public static AnswerSpans Of(IEnumerable<TaskExample> examples) => new(examples.Any(static example => example.Answers is { Count: 0 }));

    /// <summary>The answer to a question: of all parts of its context, the span with the largest sum of both scores.</summary>
    /// <param name="parts">The parts that question and context were encoded as.</param>
    /// <param name="predictions">What <see cref="TaskPredictor.Predict"/> gave for them.</param>
    /// <returns>A piece of the context; empty where it has no answer.</returns>
    public string AnswerOf(IEnumerable<EncodedExample> parts, IEnumerable<float[]> predictions)
    {
        var (best, none, answer) = (float.NegativeInfinity, float.PositiveInfinity, "");
        foreach (var (part, scores) in parts.Zip(predictions))
        {
            none = Math.Min(none, scores[0] + scores[1]);
            var places = part.Places;
            for (var first = 0; first < places.Count; first++)
            {
                for (var last = first; last < places.Count && places[last].Last - places[first].First < LongestAnswer; last++)
                {
                    var score = scores[2 * places[first].First] + scores[(2 * places[last].Last) + 1];
                    if (score > best)
                        (best, answer) = (score, part.Source!.Texts[1][places[first].TextStart..places[last].TextEnd]);
                }
            }
        }

        return MayBeMissing && none > best ? "" : answer;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskExample> PassOverUnknown(IReadOnlyList<TaskExample> examples, Action<string>? note = null) => examples;

    internal override EncodedExample Answered(int[][] sequences, TaskExample example) => new(sequences, -1);

    internal override bool Knows(string label) => true;

    private protected override TaskMetrics MeasureLabelled(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions)
    {
        var (loss, exact, overlap, questions) = (0.0, 0.0, 0.0, 0);
        foreach (var question in examples.Zip(predictions).GroupBy(static part => part.First.Source, ReferenceEqualityComparer.Instance))
        {
            var answer = AnswerOf(question.Select(static part => part.First), question.Select(static part => part.Second));
            var (isExact, f1) = AnswerMatch.Of(answer, question.First().First.Source!.Answers!.Select(static right => right.Text));
            (exact, overlap, questions) = (exact + (isExact ? 1 : 0), overlap + f1, questions + 1);
            foreach (var (part, scores) in question)
                loss += (Loss(scores, 0, part.Start) + Loss(scores, 1, part.End)) / 2;
        }

        return new()
        {
            Examples = questions,
            Loss = loss / examples.Count,
            Accuracy = exact / questions,
            F1 = overlap / questions,
            Matthews = double.NaN,
            Pearson = null,
            Spearman = null,
            AreAnswers = true,
            Classes = [],
        };
    }

    private static double Loss(float[] scores, int column, int target)
    {
        var largest = float.NegativeInfinity;
        for (var index = column; index < scores.Length; index += 2)
            largest = Math.Max(largest, scores[index]);
        var sum = 0.0;
        for (var index = column; index < scores.Length; index += 2)
            sum += Math.Exp(scores[index] - largest);
        return largest + Math.Log(sum) - scores[(2 * target) + column];
    }
}
