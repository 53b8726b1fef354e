using GptGen.Checkpoints;
using GptGen.Runtime.Tests;
using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Models;
using GptGen.Runtime.Tests.Operators;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Training in bf16: the weights that change are f32, and those that compute are the nearest of bf16.</summary>
public class CudaBFloat16TrainingTests
{
    private static readonly TrainingOptions Options = new()
    {
        Steps = 40, Batch = 4, Length = 9, LearningRate = 3e-3, Warmup = 4, EvaluateEvery = 0, SaveEvery = 20,
    };

    /// <summary>A text's characters: on the last ten steps the mean loss is within 1 % of that in f32.</summary>
    [Fact]
    public void Learns_as_in_f32()
    {
        var exact = Losses(GpuPrecision.Float32);
        var rounded = Losses(GpuPrecision.BFloat16);
        Assert.True(exact[^10..].Average() < 0.95 * exact[0], $"f32 does not learn: {exact[0]} to {exact[^10..].Average()}.");
        Assert.NotEqual(exact, rounded);
        Assert.Equal(exact[^10..].Average(), rounded[^10..].Average(), 0.01 * exact[^10..].Average());

        static double[] Losses(GpuPrecision precision)
        {
            using var machine = new TestMachine();
            using var folder = new TemporaryFolder();
            using var device = machine.Open(precision);
            return Run(device, folder.File("run"), Options.Steps).Losses;
        }
    }

    /// <summary>The second half from a checkpoint, on a device of its own: the weights have the bits of a run without a stop.</summary>
    [Fact]
    public void A_resumed_run_has_the_same_bits()
    {
        using var machine = new TestMachine();
        using var folder = new TemporaryFolder();
        using var device = machine.Open(GpuPrecision.BFloat16);
        using var other = machine.Open(GpuPrecision.BFloat16);
        var (losses, weights) = Run(device, folder.File("whole"), Options.Steps);
        var (begun, _) = Run(device, folder.File("half"), 20);
        var (continued, weightsAgain) = Run(other, folder.File("half"), Options.Steps);
        double[] joined = [.. begun, .. continued];
        Assert.Equal(losses, joined);
        Assert.True(weights.AsSpan().SequenceEqual(weightsAgain));
    }

    /// <summary>A checkpoint has all digits: the CPU's weights go into a GPU in bf16 and out again unchanged, and the run goes on there.</summary>
    [Fact]
    public void A_checkpoint_of_the_CPU_keeps_its_bits()
    {
        using var machine = new TestMachine();
        using var folder = new TemporaryFolder();
        using var cpu = new CpuDevice(1);
        using var gpu = machine.Open(GpuPrecision.BFloat16);
        var (_, weights) = Run(cpu, folder.File("run"), 20);
        using (var model = OddUntied.Create(gpu))
        {
            using var first = gpu.Allocate(BufferRole.Moment, model.Description.TrainedElements);
            using var second = gpu.Allocate(BufferRole.Moment, model.Description.TrainedElements);
            TrainingCheckpoint.Load(folder.File("run"), model, first, second);
            Assert.True(weights.AsSpan().SequenceEqual(Weights(model)));
        }

        var (onGpu, _) = Run(gpu, folder.File("run"), Options.Steps);
        Assert.Equal(Options.Steps - 20, onGpu.Length);
        Assert.All(onGpu, static loss => Assert.True(double.IsFinite(loss)));
    }

    /// <summary>After a write and after steps, also at odd places: bit by bit.</summary>
    [Fact]
    public void Weights_are_the_master_rounded_to_the_nearest_even()
    {
        const int Count = 1003;
        using var machine = new TestMachine();
        using var device = machine.Open(GpuPrecision.BFloat16);
        using var memory = new TestMemory(device);
        // Halfway between two numbers of bf16, to either side, and with ones to carry.
        float[] special = [1.00390625f, 1.01171875f, -1.00390625f, 1.9999999f, 0, -0f, 1e-40f, 3.3e38f, float.PositiveInfinity];
        var values = new float[Count];
        for (var i = 0; i < Count; i++)
            values[i] = i < special.Length ? special[i] : (float)TestMemory.Random(i, 1)[0];
        using var parameters = device.Allocate(BufferRole.Parameter, Count);
        parameters.Write(0, values);
        AssertRounded();
        var gradients = memory.Numbers(TestMemory.Random(2, Count), BufferRole.Gradient);
        var (first, second) = (memory.Numbers(new double[Count], BufferRole.Moment), memory.Numbers(new double[Count], BufferRole.Moment));
        var norm = memory.Statistics(1);
        for (var step = 0; step < 3; step++)
        {
            device.GradientNorm(gradients.Arena, Count, norm);
            device.AdamW(
                parameters, gradients.Arena, first.Arena, second.Arena, norm, new(Count, 500, step, 0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, 1));
            AssertRounded();
        }

        void AssertRounded()
        {
            var master = new float[Count];
            parameters.Read(0, master);
            var bits = new ushort[Count];
            device.Read(((CudaArena)parameters).Address(0), bits.AsSpan(), "a test");
            for (var i = 0; i < Count; i++)
            {
                var expected = (float)TestMemory.ToBFloat16(master[i]);
                Assert.Equal(BitConverter.SingleToUInt32Bits(expected) >> 16, bits[i]);
            }
        }
    }

    /// <summary>One process that has four shares sums their gradients up as those of one batch, but for rounding.</summary>
    [Fact]
    public void The_gradients_of_shares_are_those_of_the_batch()
    {
        using var machine = new TestMachine();
        using var folder = new TemporaryFolder();
        using var device = machine.Open(GpuPrecision.BFloat16);
        double[] norms = [Norm(1), Norm(2), Norm(4)];
        Assert.All(norms, norm => Assert.Equal(norms[0], norm, 0.01 * norms[0]));

        double Norm(int shares)
        {
            using var model = OddUntied.Create(device);
            model.Initialize(1);
            using var data = Text(model);
            using var trainer = new Trainer(model, data, Options with { Shares = shares }, folder.File($"{shares}"));
            return trainer.Run(default).First().GradientNorm;
        }
    }

    /// <summary>Gradients are f32, also where they meet: at places that 16 bytes reach at once, and at others.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Gradients_meet_with_all_their_digits(int first)
    {
        const int Count = 1003, Left = 5;
        using var machine = new TestMachine();
        using var device = machine.Open(GpuPrecision.BFloat16);
        using Arena x = device.Allocate(BufferRole.Gradient, first + Count + Left), y = device.Allocate(BufferRole.Gradient, first + Count + Left);
        float[] added = [.. Enumerable.Range(0, first + Count + Left).Select(static i => 1 + (i / 4096f))];
        float[] sums = [.. added.Select(static (value, i) => i - value)];
        x.Write(0, added);
        y.Write(0, sums);
        device.Accumulate(x, y, first, Count, GradientWrite.Add);
        float[] expected = [.. sums.Select((sum, i) => i >= first && i < first + Count ? sum + added[i] : sum)];
        var found = new float[expected.Length];
        y.Read(0, found);
        Assert.Equal(expected, found);
    }

    /// <summary>The losses of the steps that a folder's run still lacks, and the weights after them.</summary>
    private static (double[] Losses, float[] Weights) Run(GptGen.Device device, string folder, int steps)
    {
        using var model = OddUntied.Create(device);
        model.Initialize(1);
        using var data = Text(model);
        using var trainer = new Trainer(model, data, Options, folder);
        if (TrainingCheckpoint.FindLatest(folder) is not null)
            trainer.Resume(folder);
        var losses = trainer.Run(default).Take(steps - trainer.StepsDone).Select(static progress => progress.Loss).ToArray();
        if (trainer.StepsDone < Options.Steps)
            trainer.Save();
        return (losses, Weights(model));
    }

    private static float[] Weights(Model model)
    {
        var weights = new float[model.Parameters.Elements];
        model.Parameters.Read(0, weights);
        return weights;
    }

    private static TokenDataset Text(LanguageModel model)
    {
        const string Verse = "How doth the little crocodile improve his shining tail, and pour the waters of the Nile on every golden scale! "
            + "How cheerfully he seems to grin, how neatly spreads his claws, and welcomes little fishes in, with gently smiling jaws! ";
        return TokenDataset.Split(TokenSource.FromMemory([.. Verse.Concat(Verse).Select(letter => letter % model.Description.Vocabulary)]));
    }
}
