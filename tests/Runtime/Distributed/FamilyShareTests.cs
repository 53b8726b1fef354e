using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Finetuning;
using GptGen.Pretraining;
using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Pretraining;
using GptGen.Runtime.Tests.Translation;
using GptGen.Text;
using GptGen.Training;
using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

/// <summary>Batches that are made as wholes and cut for shares: of masked models, of pairs and of tasks.</summary>
public sealed class FamilyShareTests
{
    /// <summary>Of five pairs and then of three, of which some of four shares have none.</summary>
    private static readonly TrainingOptions s_options = new()
    {
        Steps = 4, Batch = 5, Length = 24, Warmup = 1, Dropout = 0.1, Shares = 4, EvaluateEvery = 2, SaveEvery = 2, Seed = 7,
    };

    public static TheoryData<string> Families => ["masked", "pairs of a GPT", "pairs of an encoder-decoder"];

    private static LabelSet Labels { get; } = new(["x", "y"]);

    [Theory]
    [MemberData(nameof(Families))]
    public void FourSharesGiveTheSameFileOnOneTwoAndFourRanks(string family)
    {
        using var folder = new TemporaryFolder();
        var one = Train(family, folder.File("1"), 1, s_options);
        Assert.Equal(one, Train(family, folder.File("2"), 2, s_options));
        Assert.Equal(one, Train(family, folder.File("4"), 4, s_options));
    }

    /// <summary>Whatever shares cut a batch into, its tokens weigh what they did, and so does what it is evaluated on.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void SharesChangeNoMoreThanTheRounding(string family)
    {
        using var folder = new TemporaryFolder();
        var options = s_options with { Dropout = 0, LabelSmoothing = 0.1 };
        foreach (var (shares, accumulate) in (ReadOnlySpan<(int, int)>)[(4, 1), (2, 3)])
        {
            var whole = options with { Shares = 1, Accumulate = accumulate };
            var (name, cut) = ($"{shares}", whole with { Shares = shares });
            Train(family, folder.File("whole" + name), 1, whole);
            Train(family, folder.File("cut" + name), 2, cut);
            foreach (var (first, second) in Losses(folder.File("whole" + name)).Zip(Losses(folder.File("cut" + name))))
                Assert.Equal(first, second, 1e-5 * first);
        }
    }

    [Fact]
    public void FineTuningHasTheSameBitsOnOneTwoAndFourRanks()
    {
        var one = Finetune(1, Options with { Shares = 4 });
        Assert.Equal(one, Finetune(2, Options with { Shares = 4 }));
        Assert.Equal(one, Finetune(4, Options with { Shares = 4 }));
        // The micro-batches of each share are even smaller.
        var small = Finetune(1, Options with { Shares = 2, MicroBatch = 2 });
        Assert.Equal(small, Finetune(2, Options with { Shares = 2, MicroBatch = 2 }));
    }

    [Fact]
    public void FineTuningInSharesChangesNoMoreThanTheRounding()
    {
        var options = Options with { Dropout = 0 };
        foreach (var (first, second) in Finetune(1, options).Losses.Zip(Finetune(2, options with { Shares = 4 }).Losses))
            Assert.Equal(first, second, 1e-5 * first);
    }

    [Fact]
    public void AllStopAfterTheSameStepOfFineTuning()
    {
        var steps = new int[2];
        ThreadCommunicator.Run(2, others =>
        {
            using var device = new CpuDevice(1);
            using var model = SharedClassifier.Create(device);
            model.Initialize(1);
            using var stop = new CancellationTokenSource();
            using var finetuner = new Finetuner(
                model, Examples(model, 40), Examples(model, 3), Labels, Options with { Shares = 2 }, static _ => { }, others);
            foreach (var step in finetuner.Run(stop.Token))
            {
                steps[others!.Rank] = step.Step;
                if (step.Step == 2 && others.Rank == 1)
                    stop.Cancel();
            }

            Assert.True(finetuner.WasInterrupted);
        });
        Assert.Equal([3, 3], steps);
    }

    [Theory]
    [InlineData(5, 1, 1, int.MaxValue, "0-5")]
    [InlineData(5, 1, 1, 2, "0-2 2-4 4-5")]
    [InlineData(5, 1, 4, int.MaxValue, "0-1 1-2 2-3 3-5")]
    [InlineData(5, 1, 2, 2, "0-2 2-2 2-4 4-5")]
    [InlineData(3, 1, 4, int.MaxValue, "0-0 0-1 1-2 2-3")]
    [InlineData(3, 2, 2, int.MaxValue, "0-1 1-3 0-1 1-3")]
    public void ABatchIsCutEvenly(int examples, int batches, int parts, int atOnce, string expected)
    {
        var cut = BatchCut.Of(batches, 5, parts, atOnce);
        var found = Enumerable.Range(0, cut.MicroBatches).Select(micro => cut.Of(micro, examples)).ToList();
        Assert.Equal(expected, string.Join(' ', found.Select(static part => $"{part.First}-{part.First + part.Count}")));
        Assert.All(found, part => Assert.InRange(part.Count, 0, cut.AtOnce));
        Assert.Equal(batches - 1, cut.BatchOf(cut.MicroBatches - 1));
    }

    [Fact]
    public void MoreSharesThanExamplesAreRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "for which each batch is cut into 8 parts, but TrainingOptions.Batch is 5: give 8 or more, or TrainingOptions.Accumulate 8.",
            Assert.Throws<GptGenException>(() => Train("masked", folder.Path, 1, s_options with { Shares = 8 })).Message);
        Assert.Contains(
            "FinetuningOptions.Shares is 9, but must be between 1 and the number of FinetuningOptions.Batch, 8.",
            Assert.Throws<GptGenException>(() => Finetune(1, Options with { Shares = 9 })).Message);
    }

    /// <summary>Texts of several lengths.</summary>
    internal static IReadOnlyList<EncodedExample> Examples(TaskModel model, int count) =>
        new ExampleEncoder(model.Head, ByteTokenizer.Instance, Labels, 24, truncate: false).Encode(Enumerable.Range(0, count).Select(
            static index => new TaskExample([new string((char)('a' + (index * 7 % 20)), 1 + (index * 5 % 9))], index % 3 == 0 ? "y" : "x")));

    /// <summary>Of 21 examples, the last step of each of two epochs has five, in another order.</summary>
    private static FinetuningOptions Options => new()
    {
        Length = 24, Batch = 8, LearningRate = 5e-3, Warmup = 0.1, Epochs = 2, EvaluationsPerEpoch = 3, BestBy = BestBy.Loss,
    };

    /// <summary>Trains and gives the bytes of the last checkpoint, which tells the lowest validation loss too.</summary>
    private static byte[] Train(string family, string folder, int ranks, TrainingOptions options)
    {
        ThreadCommunicator.Run(ranks, others =>
        {
            using var device = new CpuDevice(1);
            using Model model = family == "masked" ? BertTiny.Create(device)
                : family == "pairs of a GPT" ? PairGpt.Create(device) : PairSeq2Seq.Create(device);
            // Only the first one's weights count.
            model.Initialize(others is { Rank: > 0 } ? 99u : 1u);
            using Batches batches = model switch
            {
                MaskedModel masked => new MaskedBatches(
                    masked, MaskedBatchesTests.Documents(40, 1), MaskedBatchesTests.Documents(12, 2), MaskedBatchesTests.Vocabulary,
                    new() { WholeWords = true }, options),
                LanguageModel language => new LanguagePairBatches(language, PairSamples.Capitals, PairSamples.Capitals, options),
                _ => new TranslationBatches((TranslationModel)model, PairSamples.Capitals, PairSamples.Capitals, options),
            };
            using var trainer = new Trainer(batches, options, folder, communicator: others);
            var steps = trainer.Run(default).ToList();
            if (others is not { Rank: > 0 })
            {
                File.WriteAllLines(folder + ".losses", steps.SelectMany(static step => new[] { step.Loss, step.ValidationLoss ?? step.Loss })
                    .Select(static loss => FormattableString.Invariant($"{loss:R}")));
            }
        });
        return File.ReadAllBytes(TrainingCheckpoint.FindLatest(folder)!);
    }

    private static double[] Losses(string folder) =>
        [.. File.ReadLines(folder + ".losses").Select(static line => double.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Fine-tunes; the losses of the steps, and the best weights that the first rank keeps.</summary>
    private static Outcome Finetune(int ranks, FinetuningOptions options)
    {
        Outcome? outcome = null;
        ThreadCommunicator.Run(ranks, others =>
        {
            using var device = new CpuDevice(1);
            using var model = SharedClassifier.Create(device);
            model.Initialize(others is { Rank: > 0 } ? 99u : 1u);
            var best = new float[model.Description.ParameterElements];
            using var finetuner = new Finetuner(
                model, Examples(model, 21), Examples(model, 7), Labels, options,
                _ =>
                {
                    Assert.False(others is { Rank: > 0 });
                    model.Parameters.Read(0, best);
                },
                others);
            var steps = finetuner.Run().ToList();
            var measured = steps.SelectMany(static step => new[] { step.Loss, step.TaskLoss, step.Validation?.Loss ?? 0 }).ToArray();
            if (others is { Rank: > 0 })
                return;
            Assert.Equal(6, steps.Count);
            Assert.True(steps.TrueForAll(static step => step.TaskLoss > 0 && step.TaskLoss < step.Loss));
            outcome = new(measured, best);
        });
        return outcome!;
    }

    private sealed record Outcome(double[] Losses, float[] Best)
    {
        public bool Equals(Outcome? other) => other is not null && Losses.SequenceEqual(other.Losses) && Best.SequenceEqual(other.Best);

        public override int GetHashCode() => Losses.Length;
    }
}
