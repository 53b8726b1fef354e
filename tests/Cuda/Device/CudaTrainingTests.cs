using GptGen.Runtime.Tests;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Whole training runs on the GPU, beside the CPU's.</summary>
public class CudaTrainingTests
{
    private const double Tolerance = 1e-4;

    private static readonly TrainingOptions Options = new()
    {
        Steps = 6, Batch = 3, Length = 9, LearningRate = 3e-3, Warmup = 2, Dropout = 0.1, Accumulate = 2, EvaluateEvery = 0, SaveEvery = 3,
    };

    /// <summary>With dropout and accumulated gradients; the checkpoint of one device is the other's.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_continues_on_the_other_device(bool beginsOnGpu)
    {
        using var machine = new TestMachine();
        using var folder = new TemporaryFolder();
        using var cpu = new CpuDevice(1);
        using var gpu = machine.Open();
        var (expected, _) = Run(cpu, folder.File("whole"), Options);
        var (begun, _) = Run(beginsOnGpu ? gpu : cpu, folder.File("run"), Options with { Steps = 3 }, Options);
        var (continued, _) = Run(beginsOnGpu ? cpu : gpu, folder.File("run"), Options, Options);
        Assert.Equal(expected.Length, begun.Length + continued.Length);
        foreach (var (loss, other) in expected.Zip([.. begun, .. continued]))
            Assert.Equal(loss, other, Tolerance);
    }

    [Fact]
    public void Two_runs_have_the_same_bits()
    {
        using var machine = new TestMachine();
        using var folder = new TemporaryFolder();
        using var first = machine.Open();
        using var second = machine.Open();
        var (losses, weights) = Run(first, folder.File("first"), Options);
        var (lossesAgain, weightsAgain) = Run(second, folder.File("second"), Options);
        Assert.Equal(losses, lossesAgain);
        Assert.True(weights.AsSpan().SequenceEqual(weightsAgain));
    }

    [Fact]
    public void A_step_and_a_decoded_token_allocate_nothing()
    {
        using var machine = new TestMachine();
        using var folder = new TemporaryFolder();
        using var device = machine.Open();
        using var model = OddUntied.Create(device);
        model.Initialize(1);
        using var data = Data(model);
        using var trainer = new Trainer(model, data, Options, folder.Path);
        AssertAllocatesNothing(() => trainer.Step());
        using var inference = model.CreateInference(2, model.Description.Context, 8, 2);
        inference.Prefill(2, [1, 2, 3, 4], [2, 1], [1, 0]);
        var logits = new float[model.Description.Vocabulary];
        var sampler = new GptGen.Sampling.Sampler(new() { TopP = 0.9f, RepetitionPenalty = 1.2f });
        int[] tokens = [3, 5], positions = [2, 1], slots = [1, 0];
        AssertAllocatesNothing(() =>
        {
            inference.Decode(tokens, positions, slots);
            inference.ReadLogits(1, logits);
            inference.Sample([sampler.Next(0, 1), sampler.Next(1, 0)], tokens, logits.Length);
        });
    }

    /// <summary>A step of training, with work that waits until somebody asks, with every access watched.</summary>
    [Fact]
    public void The_checker_finds_nothing_in_a_step()
    {
        using var machine = new TestMachine(("CHECK", "1"), ("DEFERRED", "1"));
        using var folder = new TemporaryFolder();
        using var device = machine.Open();
        Run(device, folder.Path, Options with { Steps = 1 });
        TestTarget.AssertNothingReported();
    }

    [Fact]
    public void Tensor_float_32_is_near()
    {
        using var machine = new TestMachine();
        using var folder = new TemporaryFolder();
        using var exact = machine.Open();
        using var rounded = machine.Open(GpuPrecision.TensorFloat32);
        var (expected, _) = Run(exact, folder.File("exact"), Options with { Steps = 2 });
        var (losses, _) = Run(rounded, folder.File("rounded"), Options with { Steps = 2 });
        Assert.NotEqual(expected, losses);
        foreach (var (loss, other) in expected.Zip(losses))
            Assert.Equal(loss, other, 1e-2);
    }

    /// <summary>The losses of the steps that a folder's run still lacks, and the weights after them.</summary>
    /// <param name="device">Where.</param>
    /// <param name="folder">The run's folder; its newest checkpoint is continued.</param>
    /// <param name="options">How many steps, and everything else.</param>
    /// <param name="schedule">Whose schedule of learning rates; its own without it.</param>
    private static (double[] Losses, float[] Weights) Run(
        GptGen.Device device, string folder, TrainingOptions options, TrainingOptions? schedule = null)
    {
        using var model = OddUntied.Create(device);
        model.Initialize(1);
        using var data = Data(model);
        // The whole run's rates, also for its first part.
        using var trainer = new Trainer(model, data, schedule ?? options, folder);
        if (GptGen.Checkpoints.TrainingCheckpoint.FindLatest(folder) is not null)
            trainer.Resume(folder);
        var losses = trainer.Run(default).Take(options.Steps - trainer.StepsDone).Select(static progress => progress.Loss).ToArray();
        if (trainer.StepsDone < (schedule ?? options).Steps)
            trainer.Save();
        var weights = new float[model.Parameters.Elements];
        model.Parameters.Read(0, weights);
        return (losses, weights);
    }

    private static TokenDataset Data(LanguageModel model) => TokenDataset.Split(
        TokenSource.FromMemory([.. Enumerable.Range(0, 400).Select(i => (i * i + (i / 7)) % model.Description.Vocabulary)]));

    private static void AssertAllocatesNothing(Action action)
    {
        for (var i = 0; i < 3; i++)
            action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5; i++)
            action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
