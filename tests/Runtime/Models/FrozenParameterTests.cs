using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Checkpoints;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Parameters that training leaves alone lie behind those that it changes, and have neither gradients nor moments.</summary>
public sealed class FrozenParameterTests : IDisposable
{
    private const string Frozen = "frozen.weight";
    private const string Constant = "constant.weight";
    private const string Trained = "trained.weight";
    private const int Steps = 20;

    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void TheyStayAsTheyAreWhileTheOthersTrain()
    {
        using var model = new PartlyFrozen(device);
        model.Initialize(7);
        var (frozen, trained) = (model.ReadParameter(Frozen), model.ReadParameter(Trained));
        using var optimizer = new AdamWOptimizer(model);
        Train(model, optimizer);
        Assert.Equal(frozen, model.ReadParameter(Frozen));
        Assert.All(model.ReadParameter(Constant), static value => Assert.Equal(1, value));
        Assert.All(trained.Zip(model.ReadParameter(Trained)), static pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(PartlyFrozen.TrainedCount, optimizer.FirstMoments.Elements);
        Assert.Equal(PartlyFrozen.TrainedCount, optimizer.SecondMoments.Elements);
    }

    [Fact]
    public void ACheckpointHoldsThemWithoutMoments()
    {
        using var model = new PartlyFrozen(device);
        model.Initialize(7);
        using var optimizer = new AdamWOptimizer(model);
        Train(model, optimizer);
        var path = TrainingCheckpoint.Save(
            folder.Path, model, optimizer.FirstMoments, optimizer.SecondMoments,
            new() { Step = Steps, Seed = 7, DataPosition = Steps, Options = "{}" });
        using (var file = SafetensorsFile.Open(path))
        {
            Assert.Equal(
                [
                    Frozen, Trained, "trained.bias", "optimizer.first_moment.trained.weight", "optimizer.first_moment.trained.bias",
                    "optimizer.second_moment.trained.weight", "optimizer.second_moment.trained.bias",
                ],
                file.Tensors.Select(static tensor => tensor.Name));
        }

        using var other = new PartlyFrozen(device);
        other.Initialize(8);
        using var otherOptimizer = new AdamWOptimizer(other);
        TrainingCheckpoint.Load(path, other, otherOptimizer.FirstMoments, otherOptimizer.SecondMoments);
        foreach (var name in (string[])[Frozen, Trained, "trained.bias", Constant])
            Assert.Equal(model.ReadParameter(name), other.ReadParameter(name));
        Assert.Equal(Read(optimizer.SecondMoments), Read(otherOptimizer.SecondMoments));
    }

    [Fact]
    public void GradientsOfAllParametersAreRefused()
    {
        using var model = new PartlyFrozen(device);
        using var optimizer = new AdamWOptimizer(model);
        using var gradients = device.Allocate(BufferRole.Gradient, model.Description.ParameterElements);
        Assert.Contains("which has 20", Assert.Throws<ArgumentException>(() => optimizer.Step(gradients, 0, new())).Message);
    }

    /// <summary>What no file holds is there from the beginning, whatever is loaded.</summary>
    [Fact]
    public void AConstantNeedsNoInitialisation()
    {
        using var model = new PartlyFrozen(device);
        Assert.All(model.ReadParameter(Constant), static value => Assert.Equal(1, value));
        Assert.All(model.ReadParameter(Frozen), static value => Assert.Equal(0, value));
    }

    private void Train(PartlyFrozen model, AdamWOptimizer optimizer)
    {
        using var gradients = device.Allocate(BufferRole.Gradient, model.Description.TrainedElements);
        gradients.Write(0, [.. Enumerable.Range(1, PartlyFrozen.TrainedCount).Select(static number => (float)Math.Sin(number))]);
        for (var step = 0; step < Steps; step++)
            optimizer.Step(gradients, step, new() { Steps = Steps, Warmup = 0, WeightDecay = 0.5 });
    }

    private static float[] Read(Arena arena)
    {
        var values = new float[arena.Elements];
        arena.Read(0, values);
        return values;
    }

    /// <summary>Files list the frozen table first; in memory it lies behind what trains.</summary>
    private sealed class PartlyFrozen(Device device) : Model(device, Describe())
    {
        public const int TrainedCount = 20;

        private static ModelDescription Describe() => TestModel.Create().Description with
        {
            Parameters =
            [
                new(Frozen, TrainedCount, 3, 4, StoredLayout.Linear, Initialization.Normal, 0.5f) { IsFrozen = true },
                new(Trained, 0, 4, 4, StoredLayout.Linear, Initialization.Normal, 0.5f),
                new("trained.bias", 16, 4, 0, StoredLayout.Linear, Initialization.Zeros, 0),
                new(Constant, TrainedCount + 12, 2, 4, StoredLayout.Linear, Initialization.Ones, 0) { IsFrozen = true, Tensors = [] },
            ],
            ParameterElements = TrainedCount + 20,
            TrainedElements = TrainedCount,
            DecayedElements = 16,
            Naming = new() { TokenTensors = [Frozen] },
        };
    }
}
