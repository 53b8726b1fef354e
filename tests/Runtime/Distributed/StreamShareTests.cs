using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Runtime.Tests.Golden;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

/// <summary>Models that read on from step to step, whose streams several processes divide, each with what is carried of its own.</summary>
public sealed class StreamShareTests : IDisposable
{
    /// <summary>Twelve streams of 28 tokens and four segments, so that they begin anew behind the fourth step.</summary>
    private static readonly TrainingOptions s_options = new()
    {
        Steps = 7, Batch = 6, Accumulate = 2, Length = 7, Warmup = 1, LearningRate = 1e-2, Dropout = 0.1, Shares = 4, EvaluateEvery = 3,
        SaveEvery = 2, Keep = 9, Seed = 7,
    };

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Families => ["Transformer-XL", "ELMo"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void FourSharesGiveTheSameFilesOnOneTwoAndFourRanks(string family)
    {
        Train(family, "1", 1, s_options);
        foreach (var ranks in (ReadOnlySpan<int>)[2, 4])
        {
            Train(family, $"{ranks}", ranks, s_options);
            for (var step = 2; step <= 6; step += 2)
                Assert.Equal(Bytes("1", step), Bytes($"{ranks}", step));
            Assert.Equal(Bytes("1", 7), Bytes($"{ranks}", 7));
        }
    }

    /// <summary>In the middle of a text and behind its end, where nothing is carried.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void ARunGoesOnWithAnotherNumberOfRanksBitForBit(string family)
    {
        Train(family, "whole", 1, s_options);
        foreach (var (ranks, until) in (ReadOnlySpan<(int, int)>)[(4, 2), (2, 4), (4, 5), (1, 6), (2, 7)])
            Train(family, "parts", ranks, s_options, until);
        Assert.Equal(Bytes("whole", 7), Bytes("parts", 7));
    }

    /// <summary>Other micro-batches find their streams in the checkpoint: what follows differs by rounding from what would have.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void ARunGoesOnWithOtherSharesUpToRounding(string family)
    {
        var options = s_options with { Dropout = 0 };
        Train(family, "whole", 1, options with { Shares = 1 });
        var whole = Losses("whole");
        foreach (var (first, ranks, second) in (ReadOnlySpan<(int, int, int)>)[(1, 4, 4), (4, 1, 1), (3, 2, 2), (2, 3, 3)])
        {
            var name = $"{first}-{second}";
            Train(family, name, 1, options with { Shares = first }, until: 3);
            Train(family, name, ranks, options with { Shares = second }, noted: true);
            var found = Losses(name);
            Assert.Equal(whole.Length, found.Length);
            for (var step = 0; step < whole.Length; step++)
                Assert.Equal(whole[step], found[step], 1e-5 * whole[step]);
        }
    }

    /// <summary>What two streams carry makes a difference that the tests above would see.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void WhatIsCarriedMatters(string family)
    {
        var options = s_options with { Dropout = 0, Steps = 3, SaveEvery = 0 };
        Train(family, "whole", 1, options);
        Train(family, "turned", 1, options, turned: true);
        Assert.NotEqual(Losses("whole")[2], Losses("turned")[2], 1e-5 * Losses("whole")[2]);
    }

    /// <summary>A checkpoint of one share is the one of always: a state of all streams of each batch.</summary>
    [Fact]
    public void AFileNamesTheStatesByMicroBatches()
    {
        Train("Transformer-XL", "one", 1, s_options with { Shares = 1 }, until: 2);
        using var file = SafetensorsFile.Open(folder.File("one/step-000002.safetensors"));
        var states = file.Tensors.Where(static tensor => tensor.Name.Contains("state.memory", StringComparison.Ordinal)).ToList();
        Assert.Equal(1 + (2 * 3), states.Count);
        Assert.All(states.Where(static state => state.Shape.Count == 3), static state => Assert.Equal(6, state.Shape[0]));
        Train("Transformer-XL", "four", 4, s_options, until: 2);
        using var divided = SafetensorsFile.Open(folder.File("four/step-000002.safetensors"));
        Assert.Equal(
            1 + (4 * 3), divided.Tensors.Count(static tensor => tensor.Name.Contains("state.memory", StringComparison.Ordinal)));
    }

    /// <summary>The streams of an evaluation are those of the batch, however they are divided.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void AnEvaluationInGroupsIsThatOfAllStreams(string family)
    {
        var found = new List<double>();
        foreach (var (ranks, shares) in (ReadOnlySpan<(int, int)>)[(1, 1), (1, 4), (3, 3), (4, 4), (2, 4)])
        {
            ThreadCommunicator.Run(ranks, others =>
            {
                using var run = new Run(family, s_options with { Shares = shares }, folder.File("evaluated"), others);
                var loss = run.Trainer.Evaluate(TestContext.Current.CancellationToken).Loss;
                if (others is not { Rank: > 0 })
                    found.Add(loss);
            });
        }

        Assert.All(found, loss => Assert.Equal(found[0], loss, 1e-6 * found[0]));
        Assert.Equal(found[1], found[3]);
        Assert.Equal(found[1], found[4]);
    }

    [Fact]
    public void WhatOthersBatchesCarryIsNotDivided()
    {
        var error = Assert.Throws<GptGenException>(() => ThreadCommunicator.Run(2, others =>
        {
            using var device = new CpuDevice(1);
            using var model = SharedGpt.Create(device);
            using var batches = new CarryingBatches(model);
            using var trainer = new Trainer(batches, s_options, folder.Path, communicator: others);
        }));
        Assert.Contains("(CarryingBatches.States)", error.Message);
    }

    private byte[] Bytes(string name, int step) => File.ReadAllBytes(folder.File($"{name}/step-{step:D6}.safetensors"));

    private double[] Losses(string name) =>
        [.. File.ReadLines(folder.File(name + ".losses")).Select(
            static line => double.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Trains, or goes on, up to a step, whose checkpoint is written.</summary>
    private void Train(
        string family, string name, int ranks, TrainingOptions options, int until = int.MaxValue, bool noted = false, bool turned = false)
    {
        var resumes = TrainingCheckpoint.FindLatest(folder.File(name)) is not null;
        ThreadCommunicator.Run(ranks, others =>
        {
            using var run = new Run(family, options, folder.File(name), others);
            if (resumes)
                run.Trainer.Resume(folder.File(name), noted ? null : message => Assert.Fail(message));
            using var log = others is { Rank: > 0 } ? null : new StreamWriter(folder.File(name + ".losses"), append: true);
            foreach (var step in run.Trainer.Run(default))
            {
                log?.WriteLine(FormattableString.Invariant($"{step.Loss:R}"));
                if (turned)
                    run.TurnStates();
                if (step.Step < until)
                    continue;
                run.Trainer.Save();
                break;
            }
        });
    }

    /// <summary>A model, its batches and its trainer.</summary>
    private sealed class Run : IDisposable
    {
        private readonly CpuDevice device = new(1);
        private readonly Model model;
        private readonly Batches batches;

        internal Run(string family, TrainingOptions options, string folder, Communicator? others)
        {
            model = family == "ELMo" ? ElmoTinyTable.Create(device) : TransformerXLTiny.Create(device);
            // Only the first one's weights count.
            model.Initialize(others is { Rank: > 0 } ? 99u : 1u);
            var tokens = TokenSource.FromMemory([.. Enumerable.Range(0, 345).Select(static index => index * index % 19)]);
            var data = new TokenDataset(tokens, tokens.Slice(0, 95));
            batches = model is BidirectionalModel directed
                ? new BidirectionalBatches(directed, data, options)
                : new SegmentBatches((SegmentModel)model, data, options, memoryLength: 10);
            Trainer = new(batches, options, folder, communicator: others);
        }

        internal Trainer Trainer { get; }

        /// <summary>Gives each micro-batch what another one carries.</summary>
        internal void TurnStates()
        {
            var states = batches.States.ToList();
            batches.Restore(states.Select((state, index) =>
            {
                var other = index == 0 ? state : states[1 + (index % (states.Count - 1))];
                var values = new float[other.Count];
                other.Read(0, values);
                return KeyValuePair.Create(state.Name, new StoredState(other.Shape, () => values));
            }).ToDictionary());
        }

        public void Dispose()
        {
            Trainer.Dispose();
            batches.Dispose();
            model.Dispose();
            device.Dispose();
        }
    }

    private sealed class CarryingBatches(SharedGpt model) : Batches
    {
        public override TrainingGraph Graph { get; } = model.CreateTraining(1, 1);

        public override long EvaluationCount => 0;

        public override IEnumerable<TensorSource> States => [new("something", [1], static (_, _) => { })];

        public override void Fill(int step, int micro) => throw new NotSupportedException();

        public override GptGen.Training.Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
            throw new NotSupportedException();
    }
}
