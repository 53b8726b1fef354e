using GptGen.Runtime.Tests.Golden;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Training;

public sealed class SegmentBatchesTests : IDisposable
{
    private static readonly TrainingOptions s_options = new()
    {
        Batch = 2, Length = 6, Accumulate = 2, Steps = 9, Warmup = 1, EvaluateEvery = 0, SaveEvery = 4, Dropout = 0.1,
    };

    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(2);

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(1, 5, 23)]
    [InlineData(3, 4, 50)]
    [InlineData(7, 3, 8)]
    public void StreamsPredictEveryTokenButTheFirstOnce(int streams, int length, int count)
    {
        var batches = new StreamBatches(Tokens(count), streams, length);
        var seen = new List<int>?[streams];
        for (long segment = 0; segment < batches.SegmentCount; segment++)
        {
            var width = batches.LengthOf(segment);
            var (inputs, targets) = (new int[streams * width], new int[streams * width]);
            batches.Fill(segment, 0, inputs, targets);
            for (var row = 0; row < inputs.Length; row++)
            {
                if (targets[row] == TokenWindow.Ignored)
                    continue;
                Assert.Equal(inputs[row] + 1, targets[row]);
                (seen[row / width] ??= []).Add(targets[row]);
            }
        }

        Assert.Equal(Enumerable.Range(1, count - 1), seen.SelectMany(static stream => stream ?? []));
        Assert.Throws<GptGenException>(() => new StreamBatches(Tokens(streams), streams, length));
    }

    /// <summary>Every number of a resumed run, in the middle of a text, is the number of one that was not interrupted.</summary>
    [Fact]
    public void ARunResumesWithItsMemoryToTheSameBits()
    {
        var whole = Train("whole", steps: 9);
        Train("parts", steps: 6);
        Assert.Equal(whole, Train("parts", steps: 9, resume: true));
        // With the memory lost, the same steps go elsewhere.
        Assert.NotEqual(whole, Train("forgetful", steps: 9, forgetAfter: 6));
    }

    [Fact]
    public void AnotherFormOfBatchesIsRefusedOnResuming()
    {
        Train("run", steps: 4);
        var message = Assert.Throws<GptGenException>(() => Train("run", steps: 9, resume: true, batch: 3)).Message;
        Assert.Contains("TrainingOptions.Batch", message);
    }

    /// <summary>A step that is given up between two micro-batches, where the streams begin anew too, leaves what the next start needs.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AStepThatIsGivenUpLeavesTheMemoryAsItWas(int done)
    {
        using var model = TransformerXLTiny.Create(device);
        model.Initialize(7);
        using var batches = new SegmentBatches(model, new(Tokens(99), Tokens(20)), s_options, memoryLength: 10);
        using var trainer = new Trainer(batches, s_options, folder.File("run"));
        Assert.Equal(done, trainer.Run(TestContext.Current.CancellationToken).Take(done).Count());
        batches.Fill(done, 0);
        var saved = trainer.Save();
        using var again = new SegmentBatches(model, new(Tokens(99), Tokens(20)), s_options, memoryLength: 10);
        using var resumed = new Trainer(again, s_options, folder.File("other"));
        resumed.Resume(saved);
        // 99 tokens are four streams of 24, four segments each: behind the fourth nothing is remembered.
        Assert.Equal(done == 4 ? 1 : 1 + (2 * model.Description.Layers), again.States.Count());
    }

    [Theory]
    [InlineData(1281, 256, 128)]
    [InlineData(100, 64, 3)]
    public void MoreStreamsThanTheTextHasSegmentsAreRefused(int count, int streams, int length)
    {
        using var model = TransformerXLTiny.Create(device);
        var options = s_options with { Batch = streams, Accumulate = 1, Length = Math.Min(length, 12) };
        var error = Assert.Throws<GptGenException>(() => new SegmentBatches(model, new(Tokens(count), Tokens(20)), options));
        Assert.Contains("no segment", error.Message);
    }

    [Fact]
    public void TooShortATextIsRefused()
    {
        using var model = TransformerXLTiny.Create(device);
        var message = Assert.Throws<GptGenException>(() => new SegmentBatches(model, new(Tokens(20), Tokens(20)), s_options)).Message;
        Assert.Contains("TrainingOptions.Length", message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AnEvaluationIsTheMeanOverAllTokens(int batch)
    {
        using var model = TransformerXLTiny.Create(device);
        model.Initialize(3);
        using var graph = model.CreateTraining(batch, 6);
        var evaluator = new SegmentEvaluator(graph, Tokens(90), batch, 6, memoryLength: 9);
        Assert.Equal(89, evaluator.PredictionCount);
        var first = evaluator.MeanLoss();
        Assert.Equal(first, evaluator.MeanLoss());
        Assert.InRange(first, Math.Log(101) - 1, Math.Log(101) + 1);
        // One token less is predicted where one does not stand in the text.
        Assert.Equal(88, evaluator.Evaluate(unscored: 40).Last().Count);
    }

    private static TokenSource Tokens(int count) => TokenSource.FromMemory([.. Enumerable.Range(0, count)]);

    private float[] Train(string name, int steps, bool resume = false, int batch = 2, int forgetAfter = 0)
    {
        using var model = TransformerXLTiny.Create(device);
        model.Initialize(7);
        var options = s_options with { Batch = batch, LearningRate = 1e-2 };
        using var batches = new SegmentBatches(model, new(Tokens(99), Tokens(20)), options, memoryLength: 10);
        using var trainer = new Trainer(batches, options, folder.File(name));
        if (resume)
            trainer.Resume(folder.File(name));
        foreach (var _ in trainer.Run(TestContext.Current.CancellationToken))
        {
            if (trainer.StepsDone == forgetAfter)
                batches.Restore(new Dictionary<string, StoredState>());
            if (trainer.StepsDone == steps)
                break;
        }

        trainer.Save();
        return [.. model.Description.Tensors.Where(static tensor => !tensor.IsFrozen).SelectMany(tensor => model.ReadParameter(tensor.Name))];
    }
}
