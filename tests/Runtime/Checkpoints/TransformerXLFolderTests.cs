using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>Folders of Transformer-XL, in and out: the original's names, which Hugging Face's library puts "transformer." before.</summary>
public sealed class TransformerXLFolderTests : IDisposable
{
    private const string Case = "transfo-xl-tiny2";

    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);
    private readonly TransformerXLTiny model;

    public TransformerXLFolderTests() => model = TransformerXLTiny.Create(device);

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void TheGoldenFolderLoadsWithoutAWord()
    {
        List<string> notes = [];
        ModelCheckpoint.Load(model, Golden.Folder(Case), notes.Add);
        Assert.Empty(notes);
        var golden = new SegmentGoldenCase(Case);
        foreach (var tensor in model.Description.Tensors.Where(static tensor => !tensor.IsFrozen))
            Assert.Equal(GoldenFiles.Tensor(golden.Weights, "", tensor, model), model.ReadParameter(tensor.Name));
        Assert.Same(model.Description, ModelCheckpoint.FindModel(Golden.Folder(Case), [BertTiny.Specification, TransformerXLTiny.Specification]));
    }

    [Fact]
    public void AFolderIsWrittenWithHuggingFacesNamesAndLoadsAgain()
    {
        ModelCheckpoint.Load(model, Golden.Folder(Case));
        ModelCheckpoint.Save(model, folder.File("out"));
        using (var file = SafetensorsFile.Open(Path.Combine(folder.File("out"), "model.safetensors")))
        {
            var names = file.Tensors.Select(static tensor => tensor.Name).ToList();
            Assert.Contains("transformer.word_emb.emb_layers.0.weight", names);
            Assert.Contains("transformer.r_w_bias", names);
            Assert.Contains("transformer.layers.2.dec_attn.qkv_net.weight", names);
            Assert.Contains("crit.out_layers.0.bias", names);
            Assert.Equal([3, 10], file.Tensors.Single(static tensor => tensor.Name == "transformer.r_r_bias").Shape);
        }

        using var other = TransformerXLTiny.Create(device);
        List<string> notes = [];
        ModelCheckpoint.Load(other, folder.File("out"), notes.Add);
        Assert.Empty(notes);
        foreach (var tensor in model.Description.Tensors)
            Assert.Equal(model.ReadParameter(tensor.Name), other.ReadParameter(tensor.Name));
    }

    [Fact]
    public void AConfigurationOfAnotherComputationIsRefused()
    {
        ModelCheckpoint.Load(model, Golden.Folder(Case));
        ModelCheckpoint.Save(model, folder.File("out"));
        var path = Path.Combine(folder.File("out"), "config.json");
        var text = File.ReadAllText(path);
        foreach (var (key, value, other) in new[] { ("pre_lnorm", "false", "true"), ("clamp_len", "-1", "5"), ("untie_r", "false", "true") })
        {
            Assert.Contains($"\"{key}\": {value}", text);
            File.WriteAllText(path, text.Replace($"\"{key}\": {value}", $"\"{key}\": {other}"));
            Assert.Contains(key, Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, folder.File("out"))).Message);
        }
    }
}
