using GptGen.Distributed;
using GptGen.Evaluation;
using GptGen.Finetuning;
using GptGen.Generation;
using GptGen.Pretraining;
using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Models;
using GptGen.Runtime.Tests.Pretraining;
using GptGen.Runtime.Tests.Translation;
using GptGen.Text;
using GptGen.Training;
using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

[Gpt2(Layers = 1, Heads = 2, Width = 32, Context = 24, Vocabulary = 256)]
[ClassificationHead(Labels = 3)]
public sealed partial class SharedClassifier;

/// <summary>Evaluations that several ranks divide come to the numbers of one, to the last bit and on each rank.</summary>
public sealed class DividedWorkTests
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 7)]
    [InlineData(3, 7)]
    [InlineData(4, 3)]
    [InlineData(4, 0)]
    public void EachPieceIsComputedOnceAndAllGetAllInTheirOrder(int ranks, int count)
    {
        var computed = new int[count];
        string[] pieces = [.. Enumerable.Range(0, count).Select(static piece => $"{piece}")];
        ThreadCommunicator.Run(ranks, others =>
        {
            var results = DividedWork.Of(others, pieces, 2, (piece, own) =>
            {
                var number = int.Parse(piece, System.Globalization.CultureInfo.InvariantCulture);
                Interlocked.Increment(ref computed[number]);
                // A short result ends in 0, whatever the piece before left.
                own[0] = number + 0.5;
                if (number % 2 == 0)
                    own[1] = -number;
            });
            Assert.Equal(
                Enumerable.Range(0, count).Select(static piece => ($"{piece}", piece + 0.5, piece % 2 == 0 ? -piece : 0.0)),
                results.Select(static found => (found.Piece, found.Result.Span[0], found.Result.Span[1])).ToList());
        });
        Assert.All(computed, static times => Assert.Equal(1, times));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AllStopBeforeTheSamePieceWhenOneIsAskedTo(int ranks)
    {
        var done = new int[ranks];
        ThreadCommunicator.Run(ranks, others =>
        {
            var rank = others?.Rank ?? 0;
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() =>
            {
                foreach (var (piece, _) in DividedWork.Of(others, Enumerable.Range(0, 100), 1, static (_, _) => { }, stop.Token))
                {
                    done[rank]++;
                    if (piece == 10 && rank == ranks - 1)
                        stop.Cancel();
                }
            });
        });
        Assert.All(done, count => Assert.Equal(ranks == 1 ? 11 : 12, count));
    }

    [Fact]
    public void ATextsPerplexityAndAValidationLoss() => AssertAlike(static others =>
    {
        using var device = new CpuDevice(1);
        using var model = SharedGpt.Create(device);
        model.Initialize(3);
        var text = TokenSource.FromMemory(Variants.Tokens(model, 5, 500));
        using var graph = model.CreateTraining(2, 16);
        return
        [
            .. TextPerplexity.Evaluate(model, text, 2, 32, unscored: 3, others, TestContext.Current.CancellationToken)
                .SelectMany(static sum => new[] { sum.Count, sum.LogLikelihood }),
            new Evaluator(graph, text, 2, 16).MeanLoss(others, TestContext.Current.CancellationToken, progress: null),
        ];
    });

    [Fact]
    public void ChoicesAndLastWords() => AssertAlike(static others =>
    {
        using var device = new CpuDevice(1);
        using var model = SharedGpt.Create(device);
        model.Initialize(3);
        var random = new Random(1);
        ChoiceExample[] choices =
        [
            .. Enumerable.Range(0, 19).Select(index => new ChoiceExample(
                new string('c', random.Next(1, 40)),
                [.. Enumerable.Range(0, 3).Select(_ => new string((char)random.Next('a', 'z'), random.Next(1, 9)))], random.Next(3))),
        ];
        LastWordExample[] words = [.. choices.Select(static choice => new LastWordExample(choice.Context, choice.Continuations[0]))];
        return
        [
            .. ChoiceEvaluator.Evaluate(model, ByteTokenizer.Instance, choices, 2, others, TestContext.Current.CancellationToken)
                .SelectMany(static result => new[] { result.IsCorrect ? 1.0 : 0, result.IsCorrectByMean ? 1 : 0 }),
            .. LastWordEvaluator.Evaluate(
                model, ByteTokenizer.Instance, words, 2, stopWords: null, others, TestContext.Current.CancellationToken)
                .SelectMany(static result => new[] { result.LogLikelihood, result.IsCorrect ? 1 : 0, result.IsCorrectWithoutStopWords ? 1 : 0 }),
        ];
    });

    [Fact]
    public void MaskedTokens() => AssertAlike(static others =>
    {
        using var device = new CpuDevice(1);
        using var model = BertTiny.Create(device);
        model.Initialize(7);
        var examples = new HeldOutExamples(MaskedBatchesTests.Documents(30, 2), MaskedBatchesTests.Vocabulary, new(), 24);
        using var graph = model.CreateTraining(2, 24);
        var found = new MaskedEvaluator(graph, examples, 2, nextSentence: true).Evaluate(others, TestContext.Current.CancellationToken);
        Assert.True(examples.BatchCount(2) > 4);
        return [found.Predictions, found.LossSum, found.Right, found.Pairs, found.NextLossSum, found.NextRight];
    });

    [Fact]
    public void LabelsOfTexts() => AssertAlike(static others =>
    {
        using var device = new CpuDevice(1);
        using var model = SharedClassifier.Create(device);
        model.Initialize(7);
        using var predictor = new TaskPredictor(model, 2, 24, outputs: 2) { Others = others };
        var predictions = predictor.Predict(FamilyShareTests.Examples(model, 11), TestContext.Current.CancellationToken);
        return [.. predictions.SelectMany(static row => row.Select(static value => (double)value))];
    });

    [Fact]
    public void Translations() => AssertAlike(static others =>
    {
        using var device = new CpuDevice(1);
        using var model = PairSeq2Seq.Create(device);
        model.Initialize(7);
        string[] sources = [.. PairSamples.Capitals.Texts.Select(static pair => pair.Source)];
        var found = Translator.Create(model, PairSamples.Tokenizer).Translate(
            sources, new() { Beams = 3, Best = 2, Tokens = 12 }, batch: 2, others, progress: null, TestContext.Current.CancellationToken);
        return [.. found.SelectMany(static texts => texts).SelectMany(
            static text => new[] { text.LogProbability, text.Score, text.IsEnded ? 1 : 0, text.Text.GetHashCode(StringComparison.Ordinal) })];
    });

    /// <summary>More than the ranks can divide evenly or at all, longer than the context and than a turn, with texts that end early.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    public void SamplesOfAPrompt(int samples) => AssertAlike(others =>
    {
        using var device = new CpuDevice(1);
        using var model = SharedGpt.Create(device);
        model.Initialize(3);
        var options = new GenerationOptions
        {
            Tokens = 60, Samples = samples, Stop = ["e"], LogProbabilities = true, Sampling = new() { Temperature = 1.3f, Seed = 4 },
        };
        var pieces = new TextGenerator(model, ByteTokenizer.Instance).Generate("a wheel", options, others, TestContext.Current.CancellationToken)
            .GroupBy(static piece => piece.Sample).OrderBy(static sample => sample.Key).ToList();
        Assert.Equal(samples, pieces.Count);
        Assert.True(samples == 1 || pieces.Select(static sample => sample.Count()).Distinct().Count() > 1, "All texts are of one length.");
        return
        [
            .. pieces.SelectMany(static sample => sample).SelectMany(
                static piece => new[] { piece.Token, piece.LogProbability!.Value, piece.Text.GetHashCode(StringComparison.Ordinal) }),
        ];
    });

    /// <summary>Holds what each rank gets to what one process gets.</summary>
    private static void AssertAlike(Func<Communicator?, double[]> compute)
    {
        var one = compute(null);
        Assert.True(one.Distinct().Count() > 3, "Such results tell nothing apart.");
        foreach (var ranks in (int[])[2, 3])
            ThreadCommunicator.Run(ranks, others => Assert.Equal(one, compute(others)));
    }
}
