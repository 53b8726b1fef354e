using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class FindModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("hub")]
    [InlineData("bare.safetensors")]
    [InlineData("model.bin")]
    public void WeightsTellTheirModelInEveryFormat(string name)
    {
        using var first = TestModel.Create(layers: 2).Fill();
        using var second = TestModel.Create(layers: 3).Fill();
        using var third = TestModel.Create(layers: 3, width: 8).Fill();
        ModelCheckpoint.Save(second, folder.File(name));
        Assert.Same(second.Description, ModelCheckpoint.FindModel(folder.File(name), [first.Description, second.Description, third.Description]));
        Assert.Null(ModelCheckpoint.FindModel(folder.File(name), [first.Description, third.Description]));
    }

    /// <summary>The number of heads shows in no tensor.</summary>
    [Fact]
    public void TheConfigDecidesBetweenEqualShapes()
    {
        using var first = TestModel.Create(heads: 1).Fill();
        using var second = TestModel.Create(heads: 2).Fill();
        ModelCheckpoint.Save(second, folder.File("hub"));
        Assert.Same(second.Description, ModelCheckpoint.FindModel(folder.File("hub"), [first.Description, second.Description]));
    }

    [Fact]
    public void ATrainingCheckpointTellsItsModelAndOptions()
    {
        using var first = TestModel.Create(heads: 1).Fill();
        using var second = TestModel.Create(heads: 2).Fill();
        var state = new TrainingState { Step = 1, Seed = 2, DataPosition = 1, Options = "{\"tokenizer\":\"bytes\"}" };
        TrainingCheckpoint.Save(folder.File("run"), second, second.Moments(1), second.Moments(2), state);
        Assert.Same(second.Description, ModelCheckpoint.FindModel(folder.File("run"), [first.Description, second.Description]));
        Assert.Equal(state.Options, ModelCheckpoint.ReadRunOptions(folder.File("run")));
    }

    /// <summary>Loading then says which tensor is missing, and not that the weights are of no model.</summary>
    [Fact]
    public void AConfigNamesTheModelOfIncompleteWeights()
    {
        using var first = TestModel.Create(layers: 2).Fill();
        using var second = TestModel.Create(layers: 3).Fill();
        ModelCheckpoint.Save(second, folder.File("hub"));
        ModelCheckpoint.Save(first, folder.File("hub/model.safetensors"));
        Assert.Same(second.Description, ModelCheckpoint.FindModel(folder.File("hub"), [first.Description, second.Description]));
    }

    [Fact]
    public void DamagedFilesAreNoUnknownModels()
    {
        using var model = TestModel.Create().Fill();
        Assert.Contains("none", Assert.Throws<GptGenException>(() => ModelCheckpoint.FindModel(folder.File("none"), [model.Description])).Message);
        foreach (var name in (string[])["bad.safetensors", "bad.bin"])
        {
            var path = folder.Write(name, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
            Assert.Contains(path, Assert.Throws<GptGenException>(() => ModelCheckpoint.FindModel(path, [model.Description])).Message);
        }
    }
}
