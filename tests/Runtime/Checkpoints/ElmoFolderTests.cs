using System.Text.Json.Nodes;
using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>bilm-tf's files of a small ELMo, in HDF5 and safetensors, and our own.</summary>
public sealed class ElmoFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void OptionsDescribeTheModel()
    {
        ModelConfig.Check(Golden("config.json"), ElmoTiny.Specification);
        var wrong = folder.Write("config.json", File.ReadAllText(Golden("config.json")).Replace("\"cell_clip\": 1.0", "\"cell_clip\": 2.0"));
        Assert.Contains("lstm.cell_clip", Assert.Throws<GptGenException>(() => ModelConfig.Check(wrong, ElmoTiny.Specification)).Message);
        wrong = folder.Write("config.json", File.ReadAllText(Golden("config.json")).Replace("\"relu\"", "\"tanh\""));
        Assert.Contains("char_cnn.activation", Assert.Throws<GptGenException>(() => ModelConfig.Check(wrong, ElmoTiny.Specification)).Message);
    }

    [Theory]
    [InlineData("lstm", "cell_clip", "0")]
    [InlineData("lstm", "proj_clip", "0")]
    [InlineData("lstm", "use_skip_connections", "false")]
    [InlineData("lstm", "n_layers", "1")]
    [InlineData("char_cnn", "n_highway", "0")]
    public void WhatOptionsDoNotSayMeansWhatBilmTfTakes(string part, string key, string meaning)
    {
        foreach (var hasFamily in (ReadOnlySpan<bool>)[true, false])
        {
            var options = JsonNode.Parse(File.ReadAllText(Golden("config.json")))!.AsObject();
            if (!hasFamily)
                options.Remove("model_type");
            ModelConfig.CheckText(options.ToJsonString(), "options.json", ElmoTiny.Specification);
            options[part]!.AsObject().Remove(key);
            Assert.Contains($"{part}.{key} is not said, which means {meaning}, but ElmoTiny has", Refusal(options));
            options[part]![key] = null;
            Assert.Contains(
                key == "n_layers" ? "'lstm.n_layers'" : $"{part}.{key} is null, which means {meaning}, but ElmoTiny has", Refusal(options));
        }

        static string Refusal(JsonObject options) =>
            Assert.Throws<GptGenException>(() => ModelConfig.CheckText(options.ToJsonString(), "options.json", ElmoTiny.Specification)).Message;
    }

    [Fact]
    public void NoLimitIsNull()
    {
        var model = ElmoUnlimited.Specification;
        var written = ModelConfig.Format(model);
        Assert.Contains("\"cell_clip\": null", written);
        Assert.Contains("\"proj_clip\": null", written);
        Assert.Contains("\"n_highway\": null", written);
        ModelConfig.CheckText(written, "config.json", model);
        // One layer skips nothing.
        ModelConfig.CheckText("""{"lstm": {"dim": 5, "projection_dim": 4}, "char_cnn": {"filters": [[1, 2]]}}""", "options.json", model);
        ModelConfig.CheckText("""{"lstm": {"use_skip_connections": false, "proj_clip": 0}}""", "options.json", model);
        var error = Assert.Throws<GptGenException>(() => ModelConfig.CheckText("""{"lstm": {"cell_clip": 3}}""", "options.json", model));
        Assert.Contains("lstm.cell_clip is 3, but ElmoUnlimited has 0", error.Message);
    }

    [Fact]
    public void OurOwnFolderIsReadAgain()
    {
        using var model = ElmoTiny.Create(device);
        using var again = ElmoTiny.Create(device);
        model.Initialize(3);
        ModelCheckpoint.Save(model, folder.File("saved"));
        var config = File.ReadAllText(Path.Combine(folder.File("saved"), ModelConfig.FileName));
        Assert.Contains("\"lstm\": {", config);
        ModelCheckpoint.Load(again, folder.File("saved"));
        foreach (var tensor in model.Description.Tensors)
            Assert.Equal(model.ReadParameter(tensor.Name), again.ReadParameter(tensor.Name));
    }

    [Fact]
    public void Hdf5AndSafetensorsHoldTheSameWeights()
    {
        using var fromHdf5 = ElmoTiny.Create(device);
        using var golden = ElmoTiny.Create(device);
        new ElmoGoldenCase().Load(golden);
        foreach (var name in (ReadOnlySpan<string>)["elmo-tiny_weights.hdf5", "elmo-tiny_softmax_weights.hdf5"])
            File.Copy(Golden(name), folder.File(name));
        File.Copy(Golden("config.json"), folder.File("elmo-tiny_options.json"));
        ModelCheckpoint.Load(fromHdf5, folder.File("elmo-tiny_weights.hdf5"));
        foreach (var tensor in golden.Description.Tensors)
            Assert.Equal(golden.ReadParameter(tensor.Name), fromHdf5.ReadParameter(tensor.Name));
        Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(fromHdf5, Write("\"dim\": 22", "\"dim\": 23")));

        string Write(string from, string to)
        {
            File.WriteAllText(folder.File("elmo-tiny_options.json"), File.ReadAllText(Golden("config.json")).Replace(from, to));
            return folder.File("elmo-tiny_weights.hdf5");
        }
    }

    [Fact]
    public void AFileWithoutTheSoftmaxGivesTheLayers()
    {
        using var model = ElmoTiny.Create(device);
        model.Initialize(1);
        var before = model.ReadParameter("softmax/W");
        File.Copy(Golden("elmo-tiny_weights.hdf5"), folder.File("elmo-tiny_weights.hdf5"));
        var notes = new List<string>();
        ModelCheckpoint.Load(model, folder.File("elmo-tiny_weights.hdf5"), notes.Add);
        Assert.Contains(notes, static note => note.Contains("softmax", StringComparison.Ordinal));
        Assert.Equal(before, model.ReadParameter("softmax/W"));
    }

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "elmo-tiny", name);
}

/// <summary>A model without any of what options may leave out.</summary>
[Elmo(
    Layers = 1, Width = 4, Cells = 5, Context = 8, Vocabulary = 9, CellClip = 0, ProjectionClip = 0, Filters = [2], CharacterWidth = 2,
    HighwayLayers = 0)]
public sealed partial class ElmoUnlimited;
