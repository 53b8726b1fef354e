using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>Folders of Transformer-XL, in and out: the original's names, which Hugging Face's library puts "transformer." before.</summary>
public sealed class TransformerXLFolderTests : IDisposable
{
    private const string Case = "transfo-xl-tiny2";
    private const string Adaptive = "transfo-xl-adaptive";

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
    public void AnAdaptiveFolderLoadsAndIsWrittenAgain()
    {
        using var adaptive = TransformerXLTinyAdaptive.Create(device);
        List<string> notes = [];
        ModelCheckpoint.Load(adaptive, Golden.Folder(Adaptive), notes.Add);
        ModelCheckpoint.Save(adaptive, folder.File("out"));
        using (var file = SafetensorsFile.Open(Path.Combine(folder.File("out"), "model.safetensors")))
        using (var original = SafetensorsFile.Open(Path.Combine(Golden.Folder(Adaptive), "model.safetensors")))
        {
            Assert.Equal(
                original.Tensors.Select(static tensor => $"{tensor.Name} {tensor.ShapeText}").Order(StringComparer.Ordinal),
                file.Tensors.Select(static tensor => $"{tensor.Name} {tensor.ShapeText}").Order(StringComparer.Ordinal));
        }

        using var other = TransformerXLTinyAdaptive.Create(device);
        ModelCheckpoint.Load(other, folder.File("out"), notes.Add);
        Assert.Empty(notes);
        Assert.All(
            adaptive.Description.Tensors.Where(static tensor => !tensor.IsFrozen),
            tensor => Assert.Equal(adaptive.ReadParameter(tensor.Name), other.ReadParameter(tensor.Name)));
    }

    /// <summary>The original PyTorch code names tensors without a prefix and counts the columns for clusters from the end.</summary>
    [Fact]
    public void ClustersOfTheOriginalPyTorchCodeAreTurnedRound()
    {
        using var expected = TransformerXLTinyAdaptive.Create(device);
        ModelCheckpoint.Load(expected, Golden.Folder(Adaptive));
        var path = folder.File("original.safetensors");
        using (var file = SafetensorsFile.Open(Path.Combine(Golden.Folder(Adaptive), "model.safetensors")))
        {
            List<TensorSource> tensors = [.. file.Tensors.Select(tensor =>
            {
                var values = file.ReadAll(tensor.Name);
                if (tensor.Name.StartsWith("crit.cluster_", StringComparison.Ordinal))
                    values = [.. values.Chunk(values.Length / 2).Reverse().SelectMany(static row => row)];
                return new TensorSource(
                    tensor.Name.Replace("transformer.", "", StringComparison.Ordinal), tensor.Shape,
                    (first, part) => values.AsSpan((int)first, part.Length).CopyTo(part));
            })];
            SafetensorsWriter.Write(path, tensors);
        }

        using var actual = TransformerXLTinyAdaptive.Create(device);
        List<string> notes = [];
        ModelCheckpoint.Load(actual, path, notes.Add);
        Assert.Contains("gptgen convert", Assert.Single(notes));
        Assert.NotEqual(Logits(expected), Logits(actual));
        notes.Clear();
        ModelCheckpoint.Load(actual, path, areClustersReversed: true, notes.Add);
        Assert.Equal(Logits(expected), Logits(actual));
        // What was converted once is read without a word, whatever it is renamed to.
        ModelCheckpoint.Save(actual, folder.File("own.safetensors"));
        ModelCheckpoint.Load(actual, folder.File("own.safetensors"), notes.Add);
        Assert.Equal(Logits(expected), Logits(actual));
        Assert.Empty(notes);
        Assert.Contains("no clusters whose order", Assert.Throws<GptGenException>(model.ReverseClusters).Message);

        float[] Logits(TransformerXLTinyAdaptive of)
        {
            using var graph = of.CreateInference(1, 4);
            graph.Prefill(3, [1, 30, 60], [3], [0]);
            var logits = new float[of.Description.Vocabulary];
            graph.ReadLogits(0, logits);
            return logits;
        }
    }

    [Fact]
    public void AVocabularyThatIsCutInAnotherWayIsRefused()
    {
        using var adaptive = TransformerXLTinyAdaptive.Create(device);
        ModelCheckpoint.Load(adaptive, Golden.Folder(Adaptive));
        ModelCheckpoint.Save(adaptive, folder.File("out"));
        var path = Path.Combine(folder.File("out"), "config.json");
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        foreach (var (key, value, other) in new[]
        {
            ("div_val", "2", "4"), ("cutoffs", "[\n    20,\n    50\n  ]", "[20, 60]"), ("tie_projs", "[\n    false,", "[\n    true,"),
            ("proj_share_all_but_first", "true", "false"),
        })
        {
            Assert.Contains($"\"{key}\": {value}", text);
            File.WriteAllText(path, text.Replace($"\"{key}\": {value}", $"\"{key}\": {other}", StringComparison.Ordinal));
            Assert.Contains(key, Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(adaptive, folder.File("out"))).Message);
        }
    }

    /// <summary>Hugging Face's library writes the shared tensors under all of their names, and what its training drops.</summary>
    [Fact]
    public void RepeatedTensorsAreRead()
    {
        using var adaptive = TransformerXLTinyAdaptive.Create(device);
        foreach (var (source, target, copies) in new (string, Model, (string Name, string Meaning)[])[]
        {
            (Case, model, [
                ("transformer.layers.2.dec_attn.r_w_bias", "transformer.r_w_bias"),
                ("crit.out_layers.0.weight", "transformer.word_emb.emb_layers.0.weight")]),
            (Adaptive, adaptive, [
                ("crit.out_projs.2", "transformer.word_emb.emb_projs.2"),
                ("crit.out_layers.1.weight", "transformer.word_emb.emb_layers.1.weight")]),
        })
        {
            var path = folder.File(source);
            ModelCheckpoint.Load(target, Golden.Folder(source));
            ModelCheckpoint.Save(target, path);
            var weights = Path.Combine(path, "model.safetensors");
            List<string> notes = [];
            WriteWith(weights, copies);
            ModelCheckpoint.Load(target, path, notes.Add);
            Assert.Empty(notes);
            var config = Path.Combine(path, "config.json");
            File.WriteAllText(config, File.ReadAllText(config).Replace("\"dropatt\": 0", "\"dropatt\": 0.25", StringComparison.Ordinal));
            ModelCheckpoint.Load(target, path, notes.Add);
            Assert.Contains("dropatt 0.25", Assert.Single(notes));
        }
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

    /// <summary>Writes a file again, with copies of some of its tensors beside them.</summary>
    private static void WriteWith(string path, (string Name, string Meaning)[] copies)
    {
        List<TensorSource> tensors;
        using (var file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Tensors.Select(tensor => Source(tensor.Name, tensor.Name)), .. copies.Select(copy => Source(copy.Name, copy.Meaning))];

            TensorSource Source(string name, string meaning)
            {
                var values = file.ReadAll(meaning);
                return new(name, file[meaning].Shape, (first, part) => values.AsSpan((int)first, part.Length).CopyTo(part));
            }
        }

        SafetensorsWriter.Write(path, tensors);
    }
}
