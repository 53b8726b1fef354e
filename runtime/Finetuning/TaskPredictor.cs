using GptGen.Distributed;

namespace GptGen.Finetuning;

/// <summary>Predicts with a model's task head, several examples at once.</summary>
public sealed class TaskPredictor : IDisposable
{
    private readonly ITaskModel model;
    private readonly int examples;
    private readonly int outputs;
    private readonly ScoringGraph graph;
    private readonly ExampleBatch batch;
    private readonly float[] scores;

    /// <summary>Allocates what <paramref name="examples"/> examples of up to <paramref name="length"/> tokens a sequence take.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">Examples predicted at once.</param>
    /// <param name="length">The most tokens of a sequence.</param>
    /// <param name="outputs">
    /// Labels or tags of the task, the head's first ones; it may have more than the task uses. 1 for grades, 2 for answers.
    /// </param>
    public TaskPredictor(ITaskModel model, int examples, int length, int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(examples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputs, model.Head.Classes);
        (this.model, this.examples, this.outputs) = (model, examples, outputs);
        graph = model.CreateScoring(examples * model.Head.SequencesPerExample, length);
        batch = new(model.Description, examples, length);
        var isOfTokens = model.Head.Kind is TaskKind.TokenClassification or TaskKind.QuestionAnswering;
        scores = new float[examples * model.Head.Classes * (isOfTokens ? length : 1)];
    }

    /// <summary>The processes that divide the batches of each call and make it together; null for one.</summary>
    internal Communicator? Others { get; init; }

    /// <summary>
    /// The probabilities of each example's labels: softmax of the head's scores. Of a graded head, the score itself
    /// (<see cref="GradeScale.GradeOf"/>); of tagged words, the probabilities of each word's tags one after the other; of questions,
    /// for each token the scores of an answer that begins and of one that ends there.
    /// </summary>
    /// <exception cref="GptGenException">An example is longer than the memory was made for, or the weights give no numbers.</exception>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public IReadOnlyList<float[]> Predict(IReadOnlyList<EncodedExample> source, CancellationToken cancellation = default)
    {
        var predictions = new float[source.Count][];
        var pieces = Enumerable.Range(0, source.Count).OrderBy(index => source[index].Length).Chunk(examples);
        foreach (var (indexes, numbers) in DividedWork.Of(Others, pieces, scores.Length / model.Head.Classes * outputs, Compute, cancellation))
        {
            var rest = numbers.Span;
            foreach (var index in indexes)
            {
                predictions[index] = new float[RowsOf(source[index]) * outputs];
                for (var output = 0; output < predictions[index].Length; output++)
                    predictions[index][output] = (float)rest[output];
                rest = rest[predictions[index].Length..];
            }
        }

        return predictions;

        void Compute(int[] indexes, Span<double> numbers)
        {
            batch.Set(source, indexes);
            graph.Score(batch.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.Rows);
            graph.ReadScores(scores);
            var row = 0;
            foreach (var index in indexes)
            {
                var rows = RowsOf(source[index]);
                for (var of = row; of < row + rows; of++, numbers = numbers[outputs..])
                    WritePrediction(of, numbers);
                row += IsOfQuestions ? batch.Length : rows;
            }
        }
    }

    /// <summary>Predicts labelled examples and counts how well.</summary>
    /// <exception cref="GptGenException">An example has no label, is too long, or the weights give no numbers.</exception>
    public TaskMetrics Evaluate(IReadOnlyList<EncodedExample> source, TaskTargets targets, CancellationToken cancellation = default) =>
        targets.Measure(source, Predict(source, cancellation));

    /// <summary>Frees the memory; the model stays.</summary>
    public void Dispose() => graph.Dispose();

    private bool IsOfQuestions => model.Head.Kind == TaskKind.QuestionAnswering;

    /// <summary>Rows of an example that something is predicted of.</summary>
    private int RowsOf(EncodedExample example) => IsOfQuestions ? example.Length : example.LossCount;

    private void WritePrediction(int row, Span<double> numbers)
    {
        var scores = this.scores.AsSpan(row * model.Head.Classes, outputs);
        foreach (var score in scores)
        {
            if (!float.IsFinite(score))
            {
                throw new GptGenException(
                    "The scores are no numbers: the weights are damaged or their training diverged; fine-tune again with a lower learning rate.");
            }
        }

        if (!model.Head.IsGraded && !IsOfQuestions)
            Softmax(scores);
        for (var output = 0; output < outputs; output++)
            numbers[output] = scores[output];
    }

    /// <summary>Probabilities in the place of scores.</summary>
    private static void Softmax(Span<float> scores)
    {
        var largest = scores[TaskMetrics.Best(scores)];
        var sum = 0.0;
        foreach (ref var score in scores)
            sum += score = MathF.Exp(score - largest);
        foreach (ref var score in scores)
            score = (float)(score / sum);
    }
}
