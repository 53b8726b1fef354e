using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

/// <summary>Seven blocks of the norm, which three ranks do not divide evenly.</summary>
[Gpt2(Layers = 2, Heads = 2, Width = 128, Context = 64, Vocabulary = 257)]
public sealed partial class SharedGpt;

/// <summary>A run's shares decide its bits, however many processes compute them.</summary>
public sealed class ShareTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Steps = 6, Batch = 3, Accumulate = 4, Length = 16, Warmup = 1, Dropout = 0.1, Shares = 4, EvaluateEvery = 3, SaveEvery = 3, Seed = 7,
    };

    [Fact]
    public void FourSharesGiveTheSameFileOnOneTwoAndFourRanks()
    {
        using var folder = new TemporaryFolder();
        var one = Train(folder.File("1"), 1, s_options);
        Assert.Equal(one, Train(folder.File("2"), 2, s_options));
        Assert.Equal(one, Train(folder.File("4"), 4, s_options));
        Assert.Equal(2, Directory.GetFiles(folder.File("4"), "step-*").Length);
    }

    [Fact]
    public void ARunGoesOnWithAnotherNumberOfRanksBitForBit()
    {
        using var folder = new TemporaryFolder();
        var whole = Train(folder.File("whole"), 1, s_options);
        foreach (var (ranks, steps) in (ReadOnlySpan<(int, int)>)[(4, 2), (2, 4), (1, 6)])
            Train(folder.File("parts"), ranks, s_options, until: steps);
        Assert.Equal(whole, File.ReadAllBytes(folder.File("parts/step-000006.safetensors")));
    }

    /// <summary>What a run was before there were shares, written out.</summary>
    [Fact]
    public void OneShareIsTheSumInTheOrderOfTheMicroBatches()
    {
        using var folder = new TemporaryFolder();
        using var device = new CpuDevice(1);
        var options = s_options with { Shares = 1 };
        using var trained = SharedGpt.Create(device);
        trained.Initialize(1);
        using (var trainer = Trainer(trained, options, folder.File("run"), null))
            Assert.Equal(options.Steps, trainer.Run(default).Last().Step);

        using var model = SharedGpt.Create(device);
        model.Initialize(1);
        using var graph = model.CreateTraining(options.Batch, options.Length);
        using var optimizer = new AdamWOptimizer(model);
        var batches = new RandomBatches(Tokens(), options.Length, options.Seed);
        var (tokens, targets) = (new int[options.Batch * options.Length], new int[options.Batch * options.Length]);
        var weights = new float[tokens.Length];
        Array.Fill(weights, 1f / (tokens.Length * (float)options.Accumulate));
        for (var step = 0; step < options.Steps; step++)
        {
            for (var micro = 0; micro < options.Accumulate; micro++)
            {
                batches.Fill((uint)step, micro, tokens, targets);
                graph.SetBatch(options.Batch, options.Length, tokens, targets, weights);
                graph.Train(new((float)options.Dropout, options.Seed, (uint)step, micro), accumulate: micro > 0);
            }

            optimizer.Step(graph.Gradients, step, options);
        }

        Assert.Equal(Weights(model), Weights(trained));
    }

    [Fact]
    public void ThreeRanksAgreeWithOneOfThreeSharesAndUpToRoundingWithOneShare()
    {
        using var folder = new TemporaryFolder();
        var options = s_options with { Shares = 3, Dropout = 0 };
        Assert.Equal(Train(folder.File("1"), 1, options), Train(folder.File("3"), 3, options));
        Train(folder.File("plain"), 1, options with { Shares = 1 });
        var (shared, plain) = (Losses(folder.File("3")), Losses(folder.File("plain")));
        Assert.Equal(plain.Length, shared.Length);
        for (var step = 0; step < plain.Length; step++)
            Assert.Equal(plain[step], shared[step], 1e-5 * plain[step]);
    }

    [Fact]
    public void AnotherNumberOfSharesIsNoted()
    {
        using var folder = new TemporaryFolder();
        Train(folder.File("run"), 4, s_options, until: 3);
        var notes = new List<string>();
        ThreadCommunicator.Run(3, communicator =>
        {
            using var device = new CpuDevice(1);
            using var model = SharedGpt.Create(device);
            using var trainer = Trainer(model, s_options with { Shares = 3 }, folder.File("run"), communicator);
            trainer.Resume(folder.File("run"), notes.Add);
            Assert.Equal(3, trainer.StepsDone);
            Assert.Equal(6, trainer.Run(default).Last().Step);
        });
        Assert.Contains("from 4 shares, and from here on from 3", Assert.Single(notes));
    }

    [Fact]
    public void AllStopAfterTheSameStepWhenOneIsAskedTo()
    {
        using var folder = new TemporaryFolder();
        var steps = new int[4];
        ThreadCommunicator.Run(4, communicator =>
        {
            using var device = new CpuDevice(1);
            using var model = SharedGpt.Create(device);
            using var stop = new CancellationTokenSource();
            using var trainer = Trainer(model, s_options with { Steps = 50, SaveEvery = 0 }, folder.File("run"), communicator);
            foreach (var step in trainer.Run(stop.Token))
            {
                if (step.Step == 4 && communicator!.Rank == 2)
                    stop.Cancel();
            }

            steps[communicator!.Rank] = trainer.StepsDone;
            Assert.True(trainer.WasInterrupted);
        });
        Assert.Equal([5, 5, 5, 5], steps);
        Assert.NotNull(TrainingCheckpoint.FindLatest(folder.File("run")));
    }

    [Theory]
    [InlineData(2, 3, 3, 1, "TrainingOptions.Shares is 3, but 2 processes divide only 2, 4, 8…")]
    [InlineData(2, 6, 6, 1, "TrainingOptions.Shares is 6, but 2 processes")]
    [InlineData(
        1, 4, 3, 2, "TrainingOptions.Shares is 4, which does not divide the 6 sequences of a step "
        + "(TrainingOptions.Batch 3 x TrainingOptions.Accumulate 2): give TrainingOptions.Batch 2 or 4.")]
    [InlineData(1, 4, 3, 1, "give TrainingOptions.Batch 4.")]
    public void SharesThatDoNotFitAreRefused(int ranks, int shares, int batch, int accumulate, string message)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<GptGenException>(() => ThreadCommunicator.Run(ranks, communicator =>
        {
            using var device = new CpuDevice(1);
            using var model = SharedGpt.Create(device);
            using var trainer = Trainer(
                model, s_options with { Shares = shares, Batch = batch, Accumulate = accumulate }, folder.Path, communicator);
        }));
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData(24, 1, 1, 24, 1)]
    [InlineData(24, 1, 4, 6, 4)]
    [InlineData(3, 4, 1, 3, 4)]
    [InlineData(3, 4, 4, 3, 4)]
    [InlineData(12, 3, 2, 9, 4)]
    [InlineData(7, 2, 2, 7, 2)]
    public void AStepIsCutIntoTheFewestMicroBatches(int batch, int accumulate, int shares, int sequences, int microBatches) =>
        Assert.Equal(
            new(sequences, microBatches), StepCut.Of(new() { Batch = batch, Accumulate = accumulate, Shares = shares }));

    /// <summary>Trains, or goes on, up to a step, and gives the bytes of the last checkpoint.</summary>
    private static byte[] Train(string folder, int ranks, TrainingOptions options, int until = int.MaxValue)
    {
        var resumes = TrainingCheckpoint.FindLatest(folder) is not null;
        ThreadCommunicator.Run(ranks, communicator =>
        {
            using var device = new CpuDevice(1);
            using var model = SharedGpt.Create(device);
            // Only the first one's weights count.
            model.Initialize(communicator is { Rank: > 0 } ? 99u : 1u);
            using var trainer = Trainer(model, options, folder, communicator);
            if (resumes)
                trainer.Resume(folder, message => Assert.Fail(message));
            using var log = communicator is { Rank: > 0 } ? null : new StreamWriter(folder + ".losses", append: true);
            foreach (var step in trainer.Run(default))
            {
                log?.WriteLine(System.FormattableString.Invariant($"{step.Loss:R}"));
                if (step.Step >= until)
                {
                    trainer.Save();
                    break;
                }
            }
        });
        return File.ReadAllBytes(TrainingCheckpoint.FindLatest(folder)!);
    }

    private static double[] Losses(string folder) =>
        [.. File.ReadLines(folder + ".losses").Select(static line => double.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];

    private static Trainer Trainer(LanguageModel model, TrainingOptions options, string folder, Communicator? communicator)
    {
        var tokens = Tokens();
        return new(model, new(tokens, tokens.Slice(0, 200)), options, folder, communicator: communicator);
    }

    private static TokenSource Tokens() => TokenSource.FromMemory(Enumerable.Range(0, 600).Select(static index => index * index % 61).ToArray());

    private static float[] Weights(Model model)
    {
        var values = new float[model.Parameters.Elements];
        model.Parameters.Read(0, values);
        return values;
    }
}
