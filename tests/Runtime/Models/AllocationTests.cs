using GptGen.Pretraining;
using GptGen.Runtime.Tests.Distributed;
using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Operators;
using GptGen.Sampling;
using GptGen.Serving;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Tests that look at the whole process run by themselves.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;

/// <summary>Training and decoding allocate no managed memory once they have begun.</summary>
[Collection(nameof(WholeProcess))]
public class AllocationTests
{
    private const int Repetitions = 5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ATrainingStep(int threads)
    {
        using var device = new CpuDevice(threads);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        var description = model.Description;
        using var training = model.CreateTraining(4, description.Context);
        using var first = device.Allocate(BufferRole.Moment, description.ParameterElements);
        using var second = device.Allocate(BufferRole.Moment, description.ParameterElements);
        using var normArena = device.Allocate(BufferRole.Statistic, 1);
        var norm = new Statistics(normArena.At(0), 1);
        var tokens = Variants.Tokens(model, 1, training.Capacity);
        var targets = Variants.Tokens(model, 2, training.Capacity);
        var step = 0;
        AssertAllocatesNothing(() =>
        {
            training.Dropout = new(0.1f, 7, (uint)step, 0);
            training.SetBatch(4, description.Context, tokens, targets);
            training.Forward();
            training.Backward(accumulate: false);
            device.GradientNorm(training.Gradients, description.ParameterElements, norm);
            device.AdamW(
                model.Parameters, training.Gradients, first, second, norm,
                new(description.ParameterElements, description.DecayedElements, step++, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1));
            Assert.True(training.ReadLoss() > 0);
        });
    }

    [Theory]
    [InlineData(nameof(Gpt1Entailment))]
    [InlineData(nameof(EncoderClassifier))]
    [InlineData(nameof(DirectedClassifier))]
    public void ATaskStep(string name)
    {
        using var device = new CpuDevice(2);
        using var model = TaskModels.Create(name, device);
        using var training = model.CreateTaskTraining(TaskModels.Examples, TaskModels.Length).Graph;
        using var scoring = model.CreateScoring(TaskModels.Examples, TaskModels.Length);
        var batch = new TaskBatch(model);
        var scores = new float[TaskModels.Examples * model.Head.Classes];
        AssertAllocatesNothing(() =>
        {
            training.Dropout = new(0.1f, 7, 1, 0);
            batch.Set(training);
            training.Forward();
            training.Backward(accumulate: false);
            Assert.True(training.ReadLoss() > 0);
            scoring.Score(TaskModels.Length, batch.Tokens, batch.TokenTypes, batch.Lengths);
            scoring.ReadScores(scores);
        });
    }

    [Fact]
    public void AStepInBothDirections()
    {
        using var device = new CpuDevice(2);
        using var model = ElmoTinyTable.Create(device);
        model.Initialize(1);
        var options = new TrainingOptions { Batch = 2, Length = 8, Accumulate = 2, Steps = 100 };
        var source = GptGen.Text.TokenSource.FromMemory(Variants.Tokens(model, 3, 400));
        using var batches = new BidirectionalBatches(model, new(source, source.Slice(0, 50)), options);
        var step = 0;
        AssertAllocatesNothing(() =>
        {
            for (var micro = 0; micro < options.Accumulate; micro++)
            {
                batches.Fill(step, micro);
                batches.Graph.Dropout = new(0.1f, 7, (uint)step, micro);
                batches.Graph.Forward();
                batches.Graph.Backward(accumulate: micro > 0);
                Assert.True(batches.Graph.ReadLoss() > 0);
            }

            batches.Complete();
            step++;
        });
    }

    [Fact]
    public void AMaskedStep()
    {
        using var device = new CpuDevice(2);
        using var model = BertTiny.Create(device);
        model.Initialize(1);
        var documents = PretrainingDocuments.FromTokens(
            Enumerable.Range(0, 20).Select(static document =>
                Enumerable.Range(0, 4).Select(sentence => Enumerable.Repeat(5 + document + sentence, 6).ToArray())));
        var options = new TrainingOptions { Batch = 3, Length = 24, Accumulate = 2, Warmup = 1, Steps = 1000, Dropout = 0.1 };
        using var batches = new MaskedBatches(
            model, documents, documents, new(new(0, 1, 2, 3, 4), new bool[131]), new() { WholeWords = true }, options);
        using var folder = new TemporaryFolder();
        using var trainer = new Trainer(batches, options, folder.File("run"));
        AssertAllocatesNothing(() => Assert.True(trainer.Step().Loss > 0));
    }

    [Fact]
    public void AStepOfSeveralShares()
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        var source = GptGen.Text.TokenSource.FromMemory(Variants.Tokens(model, 3, 400));
        var options = new TrainingOptions { Batch = 2, Length = 8, Accumulate = 2, Shares = 4, Warmup = 1, Steps = 1000, Dropout = 0.1 };
        using var folder = new TemporaryFolder();
        using var trainer = new Trainer(model, new(source, source.Slice(0, 50)), options, folder.File("run"));
        AssertAllocatesNothing(() => Assert.True(trainer.Step().Loss > 0));
    }

    /// <summary>Of two ranks, which go through each step together: sums in buckets, the norm, weights, and what they decide alike.</summary>
    [Fact]
    public void AStepOfSeveralRanks() => ThreadCommunicator.Run(2, static others =>
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        var source = GptGen.Text.TokenSource.FromMemory(Variants.Tokens(model, 3, 400));
        var options = new TrainingOptions { Batch = 2, Length = 8, Accumulate = 2, Shares = 4, Warmup = 1, Steps = 1000, Dropout = 0.1 };
        using var folder = new TemporaryFolder();
        using var trainer = new Trainer(model, new(source, source.Slice(0, 50)), options, folder.File("run"), communicator: others);
        // The ranks count at the same time what both allocate.
        AssertAllocatesNothing(() => Assert.True(trainer.Step().Loss > 0));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ADecodedToken(int threads)
    {
        using var device = new CpuDevice(threads);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        using var inference = model.CreateInference(2, model.Description.Context, 8, 2);
        inference.Prefill(4, Variants.Tokens(model, 1, 8), [4, 2], [1, 0]);
        var logits = new float[model.Description.Vocabulary];
        Sampler[] samplers = [new(new()), new(new() { TopP = 0.9f, TopK = 30, RepetitionPenalty = 1.2f }, 1)];
        var draws = new TokenDraw[2];
        int[] tokens = [3, 5], positions = [4, 2], slots = [1, 0];
        AssertAllocatesNothing(() =>
        {
            inference.Decode(tokens, positions, slots);
            inference.ReadLogits(1, logits);
            draws[0] = samplers[0].Next(0, 1);
            draws[1] = samplers[1].Next(1, 0);
            inference.Sample(draws, tokens, logits.Length);
            positions[0]++;
            positions[1]++;
        });
    }

    [Fact]
    public void ATokenOfEachOfAnEnginesTexts()
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        using var work = new EngineWork(model, ByteTokenizer.Instance, new() { Slots = 3 });
        EngineRequest request = new() { Prompt = [1, 2, 3], Tokens = 64, IgnoresEnd = true, Alternatives = 2 };
        foreach (var sampling in new SamplingOptions[] { new(), SamplingOptions.Greedy, new() { TopP = 0.9f, RepetitionPenalty = 1.2f } })
            work.Add(new(request with { Sampling = sampling, Tokens = 1000 }, request.Prompt, null, static _ => { }));
        AssertAllocatesNothing(work.Step);
        Assert.Equal(3, work.Active);
    }

    /// <summary>With a memory that has forgotten the beginning, and a vocabulary in clusters.</summary>
    [Fact]
    public void ATokenDecodedWithAMemory()
    {
        using var device = new CpuDevice(2);
        using var model = TransformerXLTinyAdaptive.Create(device);
        model.Initialize(1);
        using var inference = model.CreateInference(2, 5);
        inference.Prefill(9, Variants.Tokens(model, 1, 18), [9, 2], [1, 0]);
        Sampler[] samplers = [new(new()), new(new() { TopP = 0.9f, TopK = 30, RepetitionPenalty = 1.2f }, 1)];
        var draws = new TokenDraw[2];
        int[] tokens = [3, 5], positions = [9, 2], slots = [1, 0];
        AssertAllocatesNothing(() =>
        {
            inference.Decode(tokens, positions, slots);
            draws[0] = samplers[0].Next(0, 1);
            draws[1] = samplers[1].Next(1, 0);
            inference.Sample(draws, tokens, model.Description.Vocabulary);
            positions[0]++;
            positions[1]++;
        });
    }

    /// <summary>Thin products and packed ones.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void AnLstmsScan(int sequences)
    {
        const int Length = 5;
        using var device = new CpuDevice(2);
        using var memory = new TestMemory(device);
        var rows = sequences * Length;
        var lengths = memory.Integers([.. Enumerable.Range(0, sequences).Select(static sequence => sequence % (Length + 1))]);
        var gates = memory.Rows<Quadruple<Width148>>(new double[rows * 4 * 148]);
        var recurrent = memory.Matrix<Quadruple<Width148>, Width36>(TestMemory.Random(1, 4 * 148 * 36));
        var projection = memory.Matrix<Width36, Width148>(TestMemory.Random(2, 36 * 148));
        var (cells, y) = (memory.Rows<Width148>(new double[rows * 148]), memory.Rows<Width36>(new double[rows * 36]));
        var dRecurrent = memory.Matrix<Quadruple<Width148>, Width36>(new double[4 * 148 * 36]);
        var dProjection = memory.Matrix<Width36, Width148>(new double[36 * 148]);
        LstmRecurrence recurrence = new(TimeDirection.Backward, 3, 3);
        AssertAllocatesNothing(() =>
        {
            device.LstmScan(gates, recurrent, projection, lengths, recurrence, default, default, gates, cells, y, default, default);
            device.LstmScanBackward(
                y, gates, cells, y, recurrent, projection, lengths, recurrence, default, default, gates, dRecurrent, dProjection,
                GradientWrite.Write);
        });
    }

    [Fact]
    public void WordsFromTheirCharacters()
    {
        using var device = new CpuDevice(2);
        using var memory = new TestMemory(device);
        var characters = memory.Integers(CharacterCase.Characters(200));
        var table = memory.Matrix<PaddedVocabulary, Width16>(TestMemory.Random(1, 16 * 16));
        var filters = memory.Matrix<Width148, Triple<Width16>>(TestMemory.Random(2, 148 * 48));
        var (bias, dBias) = (memory.Vector<Width148>(TestMemory.Random(3, 148)), memory.Vector<Width148>(new double[148]));
        var (y, places) = (memory.Rows<Width148>(new double[200 * 148]).Columns(), memory.Statistics(200 * 148));
        var (dTable, dFilters) = (
            memory.Matrix<PaddedVocabulary, Width16>(new double[16 * 16]), memory.Matrix<Width148, Triple<Width16>>(new double[148 * 48]));
        AssertAllocatesNothing(() =>
        {
            device.CharacterConvolution(characters, table, filters, bias, Activation.Relu, y, places);
            device.CharacterConvolutionBackward(
                y, characters, table, filters, Activation.Relu, y, places, dTable, GradientWrite.Write, dFilters, dBias, GradientWrite.Write);
        });
    }

    /// <summary>The least of several attempts: the test runner itself may allocate at any time, but the action would in every one of them.</summary>
    private static void AssertAllocatesNothing(Action action)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < Repetitions; attempt++)
        {
            action();
            action();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var repetition = 0; repetition < Repetitions; repetition++)
                action();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(0, least);
    }
}
