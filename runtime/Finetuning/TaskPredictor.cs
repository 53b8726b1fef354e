namespace GptGen.Finetuning;

/// <summary>Predicts with a model's task head, several examples at once.</summary>
public sealed class TaskPredictor : IDisposable
{
    private readonly TaskModel model;
    private readonly int examples;
    private readonly int labels;
    private readonly ScoringGraph graph;
    private readonly ExampleBatch batch;
    private readonly float[] scores;

    /// <summary>Allocates what <paramref name="examples"/> examples of up to <paramref name="length"/> tokens a sequence take.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">Examples predicted at once.</param>
    /// <param name="length">The most tokens of a sequence.</param>
    /// <param name="labels">Labels of the task: the head's first ones; it may have more than the task uses.</param>
    public TaskPredictor(TaskModel model, int examples, int length, int labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(examples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(labels, model.Head.Classes);
        (this.model, this.examples, this.labels) = (model, examples, labels);
        graph = model.CreateScoring(examples * model.Head.SequencesPerExample, length);
        batch = new(model.Head.SequencesPerExample, examples, length);
        scores = new float[examples * model.Head.Classes];
    }

    /// <summary>The probabilities of each example's labels: softmax of the head's scores.</summary>
    /// <exception cref="GptGenException">An example is longer than the memory was made for, or the weights give no numbers.</exception>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public IReadOnlyList<float[]> Predict(IReadOnlyList<EncodedExample> source, CancellationToken cancellation = default)
    {
        var probabilities = new float[source.Count][];
        foreach (var indexes in Enumerable.Range(0, source.Count).OrderBy(index => source[index].Length).Chunk(examples))
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Set(source, indexes);
            graph.Score(batch.Length, batch.Tokens, batch.Lengths);
            var written = scores.AsSpan(0, indexes.Length * model.Head.Classes);
            graph.ReadScores(written);
            for (var example = 0; example < indexes.Length; example++)
                probabilities[indexes[example]] = Softmax(written.Slice(example * model.Head.Classes, labels));
        }

        return probabilities;
    }

    /// <summary>Predicts labelled examples and counts how well.</summary>
    /// <exception cref="GptGenException">An example has no label, is too long, or the weights give no numbers.</exception>
    public TaskMetrics Evaluate(IReadOnlyList<EncodedExample> source, LabelSet names, CancellationToken cancellation = default)
    {
        if (source.Any(static example => example.Label < 0))
            throw new GptGenException("Examples without a label cannot be evaluated: give a file whose every line has one.");
        return TaskMetrics.Of(names, [.. source.Select(static example => example.Label)], Predict(source, cancellation));
    }

    /// <summary>Frees the memory; the model stays.</summary>
    public void Dispose() => graph.Dispose();

    private static float[] Softmax(ReadOnlySpan<float> scores)
    {
        var largest = float.NegativeInfinity;
        foreach (var score in scores)
        {
            if (!float.IsFinite(score))
                throw new GptGenException("The scores are no numbers: the weights are damaged or their training diverged; fine-tune again with a lower --learning-rate.");
            largest = Math.Max(largest, score);
        }

        var probabilities = new float[scores.Length];
        var sum = 0.0;
        for (var label = 0; label < scores.Length; label++)
            sum += probabilities[label] = MathF.Exp(scores[label] - largest);
        for (var label = 0; label < scores.Length; label++)
            probabilities[label] = (float)(probabilities[label] / sum);
        return probabilities;
    }
}
