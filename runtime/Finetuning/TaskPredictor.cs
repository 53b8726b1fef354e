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
        foreach (var indexes in Enumerable.Range(0, source.Count).OrderBy(index => source[index].Length).Chunk(examples))
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Set(source, indexes);
            graph.Score(batch.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.Rows);
            graph.ReadScores(scores);
            var row = 0;
            foreach (var index in indexes)
            {
                var isQuestion = model.Head.Kind == TaskKind.QuestionAnswering;
                var rows = isQuestion ? source[index].Length : source[index].LossCount;
                predictions[index] = [.. Enumerable.Range(row, rows).SelectMany(Prediction)];
                row += isQuestion ? batch.Length : rows;
            }
        }

        return predictions;
    }

    /// <summary>Predicts labelled examples and counts how well.</summary>
    /// <exception cref="GptGenException">An example has no label, is too long, or the weights give no numbers.</exception>
    public TaskMetrics Evaluate(IReadOnlyList<EncodedExample> source, TaskTargets targets, CancellationToken cancellation = default) =>
        targets.Measure(source, Predict(source, cancellation));

    /// <summary>Frees the memory; the model stays.</summary>
    public void Dispose() => graph.Dispose();

    private float[] Prediction(int row)
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

        return model.Head.IsGraded || model.Head.Kind == TaskKind.QuestionAnswering ? scores.ToArray() : Softmax(scores);
    }

    private static float[] Softmax(ReadOnlySpan<float> scores)
    {
        var largest = scores[TaskMetrics.Best(scores)];
        var probabilities = new float[scores.Length];
        var sum = 0.0;
        for (var label = 0; label < scores.Length; label++)
            sum += probabilities[label] = MathF.Exp(scores[label] - largest);
        for (var label = 0; label < scores.Length; label++)
            probabilities[label] = (float)(probabilities[label] / sum);
        return probabilities;
    }
}
