using GptGen.Distributed;

namespace GptGen.Pretraining;

/// <summary>Evaluates a masked model on held-out examples: the losses and accuracies of masked tokens and of next sentences.</summary>
public sealed class MaskedEvaluator
{
    private readonly MaskedTrainingGraph _graph;
    private readonly HeldOutExamples _examples;
    private readonly MaskedBatch _batch;
    private readonly bool _nextSentence;
    private readonly float[] _losses;
    private readonly int[] _guesses;
    private readonly float[] _sequenceLosses;
    private readonly float[] _scores;

    /// <summary>Prepares an evaluation with the memory of a training graph.</summary>
    /// <param name="graph">The graph, with room for a batch.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="batch">Sequences computed at once.</param>
    /// <param name="nextSentence">Whether sequences are two texts, of which the model says whether the second follows the first.</param>
    public MaskedEvaluator(MaskedTrainingGraph graph, HeldOutExamples examples, int batch, bool nextSentence)
    {
        (_graph, _examples, _nextSentence) = (graph, examples, nextSentence);
        _batch = examples.NewBatch(batch);
        _losses = new float[_batch.PredictedRows.Length];
        _guesses = new int[_batch.PredictedRows.Length];
        _sequenceLosses = new float[batch];
        _scores = new float[2 * batch];
        for (var index = 0; index < examples.BatchCount(batch); index++)
        {
            examples.Fill(index, _batch);
            PredictionCount += _batch.Predictions;
        }
    }

    /// <summary>The masked tokens that an evaluation predicts.</summary>
    public long PredictionCount { get; }

    /// <summary>Evaluates the model as it is, without dropout.</summary>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <param name="progress">Told before each batch how many tokens were predicted and how many there are.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public MaskedResults Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
        Evaluate(null, cancellation, progress);

    /// <summary>The same by several processes, which divide the batches; the bits do not depend on their number.</summary>
    internal MaskedResults Evaluate(Communicator? others, CancellationToken cancellation, Action<long, long>? progress = null)
    {
        var results = default(MaskedResults);
        _graph.Dropout = default;
        foreach (var (_, found) in DividedWork.Of(
            others, Enumerable.Range(0, _examples.BatchCount(_batch.Batch)), MaskedResults.Numbers, Compute, cancellation))
        {
            results = results.Plus(found.Span);
        }

        return results;

        void Compute(int index, Span<double> numbers)
        {
            progress?.Invoke(results.Predictions, PredictionCount);
            _examples.Fill(index, _batch);
            _graph.SetBatch(_batch, _nextSentence);
            _graph.Forward();
            _graph.Loss();
            AddNext(AddPredictions(default)).Write(numbers);
        }
    }

    private MaskedResults AddPredictions(MaskedResults results)
    {
        var (loss, right, count) = (0.0, 0, _batch.Predictions);
        _graph.ReadLosses(_losses);
        _graph.ReadMostProbable(_guesses);
        for (var index = 0; index < count; index++)
        {
            loss += _losses[index];
            right += _guesses[index] == _batch.PredictedTokens[index] ? 1 : 0;
        }

        return results with { Predictions = results.Predictions + count, LossSum = results.LossSum + loss, Right = results.Right + right };
    }

    private MaskedResults AddNext(MaskedResults results)
    {
        if (!_nextSentence)
            return results;
        var (loss, right, count) = (0.0, 0, _batch.Sequences);
        _graph.ReadSequenceLosses(_sequenceLosses);
        _graph.ReadNextScores(_scores);
        for (var index = 0; index < count; index++)
        {
            loss += _sequenceLosses[index];
            right += (_scores[(2 * index) + 1] > _scores[2 * index] ? 1 : 0) == _batch.NextLabels[index] ? 1 : 0;
        }

        return results with { Pairs = results.Pairs + count, NextLossSum = results.NextLossSum + loss, NextRight = results.NextRight + right };
    }
}

/// <summary>What an evaluation of a masked model counted. Without predictions or pairs their means are 0.</summary>
/// <param name="Predictions">Masked tokens.</param>
/// <param name="LossSum">The sum of their losses, in nats.</param>
/// <param name="Right">How many were the model's first choice.</param>
/// <param name="Pairs">Sequences of two texts.</param>
/// <param name="NextLossSum">The sum of their losses, in nats.</param>
/// <param name="NextRight">How many were rightly said to follow each other or not.</param>
public readonly record struct MaskedResults(long Predictions, double LossSum, long Right, long Pairs, double NextLossSum, long NextRight)
{
    /// <summary>As many numbers as processes tell each other.</summary>
    internal const int Numbers = 6;

    /// <summary>The mean loss of a masked token, in nats.</summary>
    public double MaskedLoss => LossSum / Math.Max(1, Predictions);

    /// <summary>The mean loss of whether a text follows another, in nats.</summary>
    public double NextLoss => NextLossSum / Math.Max(1, Pairs);

    /// <summary>The share of masked tokens that were the model's first choice.</summary>
    public double MaskedAccuracy => (double)Right / Math.Max(1, Predictions);

    /// <summary>exp of the mean loss of a masked token: between how many tokens the model is undecided.</summary>
    public double PseudoPerplexity => Math.Exp(MaskedLoss);

    /// <summary>The share of pairs rightly told apart.</summary>
    public double NextAccuracy => (double)NextRight / Math.Max(1, Pairs);

    /// <summary>Writes all as numbers.</summary>
    internal void Write(Span<double> numbers) =>
        ((ReadOnlySpan<double>)[Predictions, LossSum, Right, Pairs, NextLossSum, NextRight]).CopyTo(numbers);

    /// <summary>With what was written of other sequences.</summary>
    internal MaskedResults Plus(ReadOnlySpan<double> numbers) => new(
        Predictions + (long)numbers[0], LossSum + numbers[1], Right + (long)numbers[2], Pairs + (long)numbers[3], NextLossSum + numbers[4],
        NextRight + (long)numbers[5]);
}
