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
        SafetensorsWriter.Write(
            folder.File("hub/model.safetensors"), [.. ParameterTensors.Sources(first.Description, first.Parameters, static name => name)]);
        Assert.Same(second.Description, ModelCheckpoint.FindModel(folder.File("hub"), [first.Description, second.Description]));
    }

    /// <summary>A fault of a file is said as itself, and only what was read and is of another model "fits none".</summary>
    [Theory]
    [InlineData("{\"n_layer\": 3", "config.json' is not valid JSON")]
    [InlineData("[]", "config.json' is not a JSON object")]
    [InlineData("{\"n_head\": \"2\"}", "'n_head' that is not a number")]
    [InlineData("{\"scale_attn_weights\": false}", "sets 'scale_attn_weights' to false")]
    public void ADamagedConfigIsNotAnotherModel(string config, string fault)
    {
        using var model = TestModel.Create().Fill();
        ModelCheckpoint.Save(model, folder.File("hub"));
        folder.Write("hub/config.json", config);
        Assert.Contains(fault, Assert.Throws<GptGenException>(() => ModelCheckpoint.FindModel(folder.File("hub"), [model.Description])).Message);
    }

    [Fact]
    public void TheNearestModelAndWhatDiffersAreKnown()
    {
        using var near = TestModel.Create(layers: 3).Fill();
        using var far = TestModel.Create(layers: 5, width: 8).Fill();
        ModelDescription[] models = [far.Description, near.Description];
        ModelCheckpoint.Save(TestModel.Create(layers: 3, heads: 4).Fill(), folder.File("hub"));
        var search = ModelCheckpoint.Search(folder.File("hub"), models);
        Assert.Null(search.Found);
        Assert.Same(near.Description, search.Nearest);
        Assert.Contains("config.json' describes another model: n_head is 4, but TestModel has 2", search.Difference);

        SafetensorsWriter.Write(
            folder.File("bare.safetensors"), [.. ParameterTensors.Sources(near.Description, near.Parameters, static name => name).SkipLast(1)]);
        search = ModelCheckpoint.Search(folder.File("bare.safetensors"), models);
        Assert.Same(near.Description, search.Nearest);
        Assert.Contains("lacks 'ln_f.bias'", search.Difference);

        ModelCheckpoint.Save(TestModel.Create(layers: 3, context: 7).Fill(), folder.File("x.bin"));
        search = ModelCheckpoint.Search(folder.File("x.bin"), models);
        Assert.Same(near.Description, search.Nearest);
        Assert.Contains("its context is 7, but TestModel has 6", search.Difference);
    }

    /// <summary>A vocabulary with padding is not taken where one without it fits.</summary>
    [Fact]
    public void TheExactVocabularyWinsOverPadding()
    {
        using var small = TestModel.Create(vocabulary: 16).Fill();
        using var large = TestModel.Create(vocabulary: 24).Fill();
        ModelCheckpoint.Save(large, folder.File("hub"));
        Assert.Same(large.Description, ModelCheckpoint.FindModel(folder.File("hub"), [small.Description, large.Description]));
        Assert.Same(small.Description, ModelCheckpoint.FindModel(folder.File("hub"), [small.Description]));
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
