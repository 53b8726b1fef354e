using GptGen.Pretraining;
using GptGen.Runtime.Tests.Golden;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Pretraining;

public sealed class MaskedBatchesTests : IDisposable
{
    private static readonly TrainingOptions Options = new()
    {
        Batch = 3, Length = 24, Accumulate = 2, Steps = 6, Warmup = 1, EvaluateEvery = 0, SaveEvery = 3, Dropout = 0.1,
    };

    private readonly CpuDevice device = new(2);
    private readonly BertTiny model;

    public MaskedBatchesTests()
    {
        model = BertTiny.Create(device);
        model.Initialize(7);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AStepsLossAndGradientsAreTheMeansOfItsMicroBatches(bool nextSentence)
    {
        var masking = new PretrainingOptions { NextSentence = nextSentence };
        using var batches = Create(Options, masking);
        var examples = new MaskedExamples(Documents(40, 1), Vocabulary, masking, Options.Length, Options.Seed);
        var batch = examples.NewBatch(Options.Batch);
        using var naive = model.CreateTraining(Options.Batch, Options.Length);
        var (loss, expected) = (0.0, 0.0);
        var gradients = model.Description.Tensors.ToDictionary(static tensor => tensor.Name, static tensor => new double[tensor.Count]);
        for (var micro = 0; micro < 2; micro++)
        {
            batches.Fill(4, micro);
            batches.Graph.Forward();
            batches.Graph.Backward(accumulate: micro > 0);
            loss += batches.Graph.ReadLoss();

            // No weights given: the means of this batch.
            examples.Fill(4, micro, batch);
            naive.SetBatch(
                Options.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.PredictedRows.AsSpan(0, batch.Predictions),
                batch.PredictedTokens.AsSpan(0, batch.Predictions), nextSentence ? batch.NextLabels : []);
            naive.Forward();
            naive.Backward(accumulate: false);
            expected += naive.ReadLoss() / 2;
            foreach (var (name, sum) in gradients)
            {
                var read = naive.ReadGradient(name);
                for (var index = 0; index < sum.Length; index++)
                    sum[index] += read[index] / 2;
            }
        }

        Assert.Equal(expected, loss, 1e-5);
        foreach (var (name, sum) in gradients)
        {
            var difference = batches.Graph.ReadGradient(name).Zip(sum, static (got, wanted) => Math.Pow(got - wanted, 2)).Sum();
            Assert.True(Math.Sqrt(difference) <= (1e-5 * Math.Sqrt(sum.Sum(static value => value * value))) + 1e-9, name);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void AnEvaluationCountsWhatLogitsAndScoresSay(int size)
    {
        var examples = new HeldOutExamples(Documents(30, 2), Vocabulary, new(), Options.Length);
        using var graph = model.CreateTraining(size, Options.Length);
        var evaluator = new MaskedEvaluator(graph, examples, size, nextSentence: true);
        var told = new List<(long, long)>();
        var results = evaluator.Evaluate(progress: (done, total) => told.Add((done, total)));

        // One sequence at a time.
        using var naive = model.CreateTraining(1, Options.Length);
        var batch = examples.NewBatch(1);
        var (count, loss, right, nextLoss, nextRight) = (0, 0.0, 0, 0.0, 0);
        for (var index = 0; index < examples.Count; index++)
        {
            examples.Fill(index, batch);
            naive.SetBatch(
                Options.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.PredictedRows.AsSpan(0, batch.Predictions),
                batch.PredictedTokens.AsSpan(0, batch.Predictions), batch.NextLabels);
            naive.Forward();
            var logits = new float[batch.Predictions * model.Description.Vocabulary];
            naive.ReadLogits(logits);
            foreach (var (prediction, row) in logits.Chunk(model.Description.Vocabulary).Index())
            {
                count++;
                loss += LogSum(row) - row[batch.PredictedTokens[prediction]];
                right += Array.IndexOf(row, row.Max()) == batch.PredictedTokens[prediction] ? 1 : 0;
            }

            var scores = new float[2];
            naive.ReadNextScores(scores);
            nextLoss += LogSum(scores) - scores[batch.NextLabels[0]];
            nextRight += Array.IndexOf(scores, scores.Max()) == batch.NextLabels[0] ? 1 : 0;
        }

        Assert.Equal(
            (count, right, examples.Count, nextRight), ((int)results.Predictions, (int)results.Right, (int)results.Pairs, (int)results.NextRight));
        Assert.Equal(loss / count, results.MaskedLoss, 1e-4);
        Assert.Equal(nextLoss / examples.Count, results.NextLoss, 1e-4);
        Assert.Equal(Math.Exp(loss / count), results.PseudoPerplexity, 1e-1);
        Assert.Equal(count, evaluator.PredictionCount);
        Assert.Equal((0, count), told[0]);
        Assert.Equal(examples.BatchCount(size), told.Count);
    }

    [Fact]
    public void TheLossOfAnEvaluationIsThatOfTrainingAndTheMetricsAreNamed()
    {
        using var batches = Create(Options, new());
        var evaluation = batches.Evaluate();
        Assert.Equal(["masked_accuracy", "pseudo_perplexity", "next_accuracy"], evaluation.Metrics.Select(static metric => metric.Name));
        Assert.InRange(evaluation.Loss, Math.Log(evaluation.Metrics[1].Value), Math.Log(evaluation.Metrics[1].Value) + 2);
        using var limited = Create(Options with { ValidationTokens = 40 }, new());
        Assert.InRange(limited.EvaluationCount, 1, batches.EvaluationCount - 1);
        using var single = Create(Options, new() { NextSentence = false });
        var alone = single.Evaluate();
        Assert.Equal(["masked_accuracy", "pseudo_perplexity"], alone.Metrics.Select(static metric => metric.Name));
        Assert.Equal(Math.Log(alone.Metrics[1].Value), alone.Loss, 1e-9);
    }

    [Fact]
    public void ARunThatResumesEndsWithTheSameBits()
    {
        using var folder = new TemporaryFolder();
        Run(folder.File("whole"), 0);
        var expected = Weights();
        model.Initialize(7);
        Run(folder.File("parts"), 3);
        model.Initialize(99);
        Run(folder.File("parts"), 0, resumes: true);
        Assert.Equal(expected, Weights());

        void Run(string path, int most, bool resumes = false)
        {
            using var batches = Create(Options, new() { WholeWords = true });
            using var trainer = new Trainer(batches, Options, path);
            if (resumes)
                trainer.Resume(path);
            foreach (var step in trainer.Run(CancellationToken.None))
            {
                if (step.Step == most)
                {
                    trainer.Save();
                    break;
                }
            }
        }

        float[] Weights() => [.. model.Description.Tensors.SelectMany(tensor => model.ReadParameter(tensor.Name))];
    }

    [Fact]
    public void AVocabularyLargerThanTheModelIsRefused()
    {
        var vocabulary = new MaskingVocabulary(SampleDocuments.Special, new bool[132]);
        Assert.Contains("132 tokens", Assert.Throws<GptGenException>(
            () => new MaskedBatches(model, Documents(5, 1), Documents(5, 2), vocabulary, new(), Options)).Message);
    }

    internal static MaskingVocabulary Vocabulary { get; } = new(
        SampleDocuments.Special, [.. Enumerable.Range(0, 131).Select(static token => token % 3 == 0)]);

    internal static PretrainingDocuments Documents(int count, int seed)
    {
        var random = new Random(seed);
        return PretrainingDocuments.FromTokens([.. Enumerable.Range(0, count).Select(_ => Document())]);

        List<int[]> Document() => [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Sentence())];

        int[] Sentence() => [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => random.Next(5, 131))];
    }

    private MaskedBatches Create(TrainingOptions options, PretrainingOptions masking) =>
        new(model, Documents(40, 1), Documents(12, 2), Vocabulary, masking, options);

    private static double LogSum(float[] row) => row.Max() + Math.Log(row.Sum(value => Math.Exp(value - (double)row.Max())));
}
