using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class TrainingCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.0 / 3)]
    public void EverythingComesBackBitByBit(double bestLoss)
    {
        var model = TestModel.Create().Fill();
        var (first, second) = (model.Moments(2), model.Moments(3));
        var state = new TrainingState { Step = 123, Seed = uint.MaxValue, DataPosition = long.MaxValue, Options = """{"lr":1e-3,"ä":"\n"}""", BestLoss = bestLoss };
        var path = TrainingCheckpoint.Save(folder.Path, model, first, second, state);
        Assert.Equal("step-000123.safetensors", Path.GetFileName(path));

        var copy = TestModel.Create();
        var (firstCopy, secondCopy) = (copy.Moments(0), copy.Moments(0));
        Assert.Equal(state, TrainingCheckpoint.Load(folder.Path, copy, firstCopy, secondCopy));
        Assert.Equal(model.ReadAll(), copy.ReadAll());
        Assert.Equal(model.ReadAll(first), copy.ReadAll(firstCopy));
        Assert.Equal(model.ReadAll(second), copy.ReadAll(secondCopy));
        Assert.Equal(state, TrainingCheckpoint.ReadState(path));
    }

    [Fact]
    public void ARunServesAsWeights()
    {
        var model = TestModel.Create();
        Save(model.Fill(1), 100);
        Save(model.Fill(2), 1000000);
        var copy = TestModel.Create();
        ModelCheckpoint.Load(copy, folder.Path);
        Assert.Equal(model.ReadAll(), copy.ReadAll());
        Assert.Contains("n_head", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(heads: 1), folder.Path)).Message);
    }

    [Fact]
    public void OnlyTheNewestAreKept()
    {
        var model = TestModel.Create();
        folder.Write("step-x.safetensors", [1]);
        foreach (var step in (ReadOnlySpan<long>)[1, 2, 10, 999999, 1000000])
            Save(model, step, keep: 3);
        Assert.Equal([10, 999999, 1000000], TrainingCheckpoint.List(folder.Path).Select(static entry => entry.Step));
        Assert.Equal(4, Directory.GetFileSystemEntries(folder.Path).Length);

        // Going on from an older step: the file just written stays, whatever its number.
        Save(model, 5, keep: 2);
        Assert.Equal([5, 1000000], TrainingCheckpoint.List(folder.Path).Select(static entry => entry.Step));
    }

    [Fact]
    public void WhatCannotBeResumedIsRefused()
    {
        var model = TestModel.Create().Fill();
        AssertRefused(folder.Path, "no training checkpoint");
        Assert.Null(TrainingCheckpoint.FindLatest(folder.File("none")));
        ModelCheckpoint.Save(model, folder.File("weights.safetensors"));
        AssertRefused(folder.File("weights.safetensors"), "is not a training checkpoint");
        var path = Save(model, 1);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^8]);
        AssertRefused(path, "not a sound safetensors file");
        var tensors = ParameterTensors.Sources(model.Description, model.Parameters, static name => name).ToList();
        SafetensorsWriter.Write(path, tensors, metadata: new TrainingState { Step = 1, Seed = 1, DataPosition = 1 }.ToMetadata());
        AssertRefused(path, "lacks the tensor 'optimizer.first_moment.wte.weight'");
    }

    private string Save(TestModel model, long step, int keep = 10) => TrainingCheckpoint.Save(
        folder.Path, model, model.Moments(0), model.Moments(0), new TrainingState { Step = step, Seed = 1, DataPosition = 0 }, keep);

    private static void AssertRefused(string path, string reason)
    {
        var model = TestModel.Create().Fill(99);
        var before = model.ReadAll();
        var message = Assert.Throws<GptGenException>(() => TrainingCheckpoint.Load(path, model, model.Moments(0), model.Moments(0))).Message;
        Assert.Contains(reason, message);
        Assert.Equal(before, model.ReadAll());
    }
}
