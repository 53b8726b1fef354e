using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class ModelCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("gpt2-tiny", "transformer.")]
    [InlineData("gpt2-tiny-hot", "")]
    public void HuggingFaceFoldersAreReadAndTransposed(string name, string prefix)
    {
        var source = Golden.Folder(name);
        var model = TestModel.Golden();
        ModelCheckpoint.Load(model, source);

        using var file = SafetensorsFile.Open(Path.Combine(source, "model.safetensors"));
        Assert.Equal(file.ReadAll(prefix + "wte.weight"), model.Read("wte.weight"));
        Assert.Equal(file.ReadAll(prefix + "h.1.mlp.c_fc.bias"), model.Read("h.1.mlp.c_fc.bias"));
        var stored = file.ReadAll(prefix + "h.1.attn.c_attn.weight");
        var loaded = model.Read("h.1.attn.c_attn.weight");
        for (var input = 0; input < 32; input++)
        {
            for (var output = 0; output < 96; output++)
                Assert.Equal(stored[(input * 96) + output], loaded[(output * 32) + input]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFolderComesBackBitByBit(bool tied)
    {
        var model = TestModel.Create(tied: tied).Fill();
        ModelCheckpoint.Save(model, folder.File("x"));
        var copy = TestModel.Create(tied: tied);
        ModelCheckpoint.Load(copy, folder.File("x"));
        Assert.Equal(model.ReadAll(), copy.ReadAll());
        ModelCheckpoint.Save(copy, folder.File("y.safetensors"));
        Assert.Equal(File.ReadAllBytes(folder.File("x/model.safetensors")), File.ReadAllBytes(folder.File("y.safetensors")));
    }

    [Theory]
    [InlineData(ElementType.F16, 5e-4f)]
    [InlineData(ElementType.BF16, 4e-3f)]
    public void HalfTypesComeBackRounded(ElementType type, float tolerance)
    {
        var model = TestModel.Create().Fill();
        ModelCheckpoint.Save(model, folder.File("x"), type);
        var copy = TestModel.Create();
        ModelCheckpoint.Load(copy, folder.File("x"));
        Assert.All(
            model.ReadAll().Zip(copy.ReadAll()), pair => Assert.InRange(pair.Second, pair.First - (tolerance / 2), pair.First + (tolerance / 2)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("transformer.")]
    [InlineData("module.transformer.")]
    [InlineData("_orig_mod.module.")]
    [InlineData("model.")]
    public void PrefixesAndMaskBuffersDoNotMatter(string prefix)
    {
        var model = TestModel.Create().Fill();
        Write("x.safetensors", [.. Sources(model, prefix), Zeros(prefix + "h.0.attn.bias", 1, 1, 6, 6), Zeros(prefix + "h.1.attn.masked_bias")]);
        AssertLoads(model, "x.safetensors");
    }

    [Fact]
    public void ATiedHeadMayComeUnderEitherNameOrBoth()
    {
        var model = TestModel.Create().Fill();
        var table = Sources(model, "")[0];
        var head = table with { Name = "lm_head.weight" };
        Write("both.safetensors", [.. Sources(model, ""), head]);
        AssertLoads(model, "both.safetensors");
        Write("head.safetensors", [.. Sources(model, "").Skip(1), head]);
        AssertLoads(model, "head.safetensors");
        Write("other.safetensors", [.. Sources(model, ""), Zeros("lm_head.weight", 11, 4)]);
        AssertRefused(TestModel.Create(), "other.safetensors", "TiedHead = false");
        Write("tied.safetensors", Sources(model, ""));
        AssertRefused(TestModel.Create(tied: false), "tied.safetensors", "TiedHead = true");
    }

    [Fact]
    public void WeightsOfAnotherModelAreRefusedByName()
    {
        var model = TestModel.Create().Fill();
        Write("missing.safetensors", [.. Sources(model, "").Where(static tensor => tensor.Name != "ln_f.bias")]);
        AssertRefused(TestModel.Create(), "missing.safetensors", "lacks 'ln_f.bias'");
        Write("unknown.safetensors", [.. Sources(model, ""), Zeros("pooler.weight", 1)]);
        AssertRefused(TestModel.Create(), "unknown.safetensors", "'pooler.weight', unknown");
        Write("twice.safetensors", [.. Sources(model, ""), .. Sources(model, "transformer.")]);
        AssertRefused(TestModel.Create(), "twice.safetensors", "mean the same parameter");
        Write("size.safetensors", Sources(TestModel.Create(layers: 3, width: 8), ""));
        AssertRefused(TestModel.Create(), "size.safetensors", "weights of 3 layers, width 8 and 11 tokens");
        Write("context.safetensors", Sources(TestModel.Create(context: 7), ""));
        AssertRefused(TestModel.Create(), "context.safetensors", "'wpe.weight' of shape [7, 4] where [6, 4] is needed");
        folder.Write("integers.safetensors", RawSafetensors.Bytes("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]));
        AssertRefused(TestModel.Create(), "integers.safetensors", "lacks 'wte.weight'");
        AssertRefused(TestModel.Create(), "", "has neither model.safetensors");
        AssertRefused(TestModel.Create(), "none", "does not exist");
        Assert.Contains("Name a folder or a file", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), "")).Message);
        Assert.Contains(
            "Name a file", Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(TestModel.Create(), ".safetensors\0.safetensors")).Message);
    }

    [Fact]
    public void TheConfigurationMustAgree()
    {
        var model = TestModel.Create().Fill();
        ModelCheckpoint.Save(model, folder.Path);
        AssertRefused(TestModel.Create(heads: 4), "", "n_head is 2, but TestModel has 4");
        AssertRefused(TestModel.Create(activation: Activation.Relu), "", "activation_function is gelu_new, but TestModel has relu");
        folder.Write("config.json", """{"model_type":"bert"}""");
        AssertRefused(TestModel.Create(), "", "model_type is bert");
        folder.Write("config.json", """{"n_layer":"two"}""");
        AssertRefused(TestModel.Create(), "", "'n_layer' that is not a number");
        folder.Write("config.json", """{"n_layer":""");
        AssertRefused(TestModel.Create(), "", "not valid JSON");
    }

    [Fact]
    public void ShardsAreReadThroughTheirIndex()
    {
        var model = TestModel.Create().Fill();
        var tensors = Sources(model, "");
        string[] names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
        Write(names[0], tensors[..5]);
        Write(names[1], tensors[5..]);
        void WriteIndex(IEnumerable<(string Tensor, string Shard)> map)
        {
            var lines = string.Join(',', map.Select(static entry => $"\"{entry.Tensor}\":\"{entry.Shard}\""));
            folder.Write("model.safetensors.index.json", "{\"metadata\":{},\"weight_map\":{" + lines + "}}");
        }

        var entries = tensors.Select((tensor, index) => (tensor.Name, names[index < 5 ? 0 : 1])).ToList();
        WriteIndex(entries);
        AssertLoads(model, "");

        WriteIndex([.. entries, ("more", names[0])]);
        AssertRefused(TestModel.Create(), "", "places tensor 'more'");
        WriteIndex(entries[1..]);
        AssertRefused(TestModel.Create(), "", "does not say so");
        WriteIndex([.. entries[1..], (entries[0].Name, "../x.safetensors")]);
        AssertRefused(TestModel.Create(), "", "not a plain file name");
        WriteIndex([.. entries[1..], (entries[0].Name, "gone.safetensors")]);
        AssertRefused(TestModel.Create(), "", "'gone.safetensors', which is not in its folder");
        folder.Write("model.safetensors.index.json", "{}");
        AssertRefused(TestModel.Create(), "", "no 'weight_map'");
    }

    [Fact]
    public void AnUnwritableTargetIsRefused()
    {
        folder.Write("file", [1]);
        Assert.Contains(
            "a file has this name", Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(TestModel.Create(), folder.File("file"))).Message);
        Assert.Equal([1], File.ReadAllBytes(folder.File("file")));
    }

    private static List<TensorSource> Sources(TestModel model, string prefix) =>
        [.. ParameterTensors.Sources(model.Description, model.Parameters, name => prefix + name)];

    private static TensorSource Zeros(string name, params long[] shape) => new(name, shape, static (_, values) => values.Clear());

    private void Write(string name, IReadOnlyList<TensorSource> tensors) => SafetensorsWriter.Write(folder.File(name), tensors);

    private void AssertLoads(TestModel model, string name)
    {
        var copy = TestModel.Create();
        ModelCheckpoint.Load(copy, Path.Combine(folder.Path, name));
        Assert.Equal(model.ReadAll(), copy.ReadAll());
    }

    private void AssertRefused(TestModel model, string name, string reason)
    {
        var before = model.Fill(99).ReadAll();
        var message = Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, Path.Combine(folder.Path, name))).Message;
        Assert.Contains(reason, message);
        Assert.DoesNotContain('\n', message);
        Assert.Equal(before, model.ReadAll());
    }
}
