using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>
/// Parameters whose rows files keep in tensors of their own, under names that a family's files may have, and constants that none has.
/// </summary>
public sealed class StoredTensorTests : IDisposable
{
    private const string Query = "layer.0.attention.self.query.weight";
    private const string Constant = "sinusoids.weight";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFolderKeepsTheRowsApartAndJoinsThemAgain()
    {
        var saved = Create().Fill(1);
        ModelCheckpoint.Save(saved, folder.File("out"));
        using (var file = SafetensorsFile.Open(folder.File("out/model.safetensors")))
        {
            var names = file.Tensors.Select(static tensor => tensor.Name).ToList();
            Assert.Contains("bert." + Query, names);
            Assert.DoesNotContain(
                names,
                static name => name.Contains("query_key_value", StringComparison.Ordinal) || name.Contains("sinusoids", StringComparison.Ordinal));
            Assert.Equal([4, 4], file.Tensors.Single(static tensor => tensor.Name == "bert." + Query).Shape);
            Assert.Equal([4], file.Tensors.Single(static tensor => tensor.Name == "bert.layer.1.attention.self.value.bias").Shape);
        }

        var loaded = Create().Fill(2);
        var constant = loaded.Read(Constant);
        ModelCheckpoint.Load(loaded, folder.File("out"));
        Assert.Equal(Stored(saved), Stored(loaded));
        Assert.Equal(constant, loaded.Read(Constant));
    }

    [Fact]
    public void ACheckpointKeepsTheRowsAndTheirMomentsApart()
    {
        var saved = Create().Fill(1);
        var (first, second) = (saved.Moments(2), saved.Moments(3));
        var path = TrainingCheckpoint.Save(folder.Path, saved, first, second, new() { Step = 7, Seed = 1, DataPosition = 7, Options = "{}" });
        using (var file = SafetensorsFile.Open(path))
            Assert.Contains(file.Tensors, static tensor => tensor.Name == "optimizer.second_moment.layer.1.attention.self.key.bias");
        var loaded = Create().Fill(4);
        var (firstLoaded, secondLoaded) = (loaded.Moments(0), loaded.Moments(0));
        TrainingCheckpoint.Load(path, loaded, firstLoaded, secondLoaded);
        Assert.Equal(Stored(saved), Stored(loaded));
        Assert.Equal(Stored(saved, first), Stored(loaded, firstLoaded));
        Assert.Equal(Stored(saved, second), Stored(loaded, secondLoaded));
    }

    [Fact]
    public void APartIsReadAndWrittenByItsName()
    {
        var model = Create().Fill();
        var whole = model.ReadParameter("layer.0.attention.self.query_key_value.weight");
        Assert.Equal(whole[16..32], model.ReadParameter("layer.0.attention.self.key.weight"));
        Assert.Equal(model.ReadParameter(Query), model.ReadParameter("bert." + Query));
        var values = Enumerable.Range(0, 16).Select(static number => (float)number).ToArray();
        model.WriteParameter("layer.0.attention.self.key.weight", values);
        var changed = model.ReadParameter("layer.0.attention.self.query_key_value.weight");
        Assert.Equal([.. whole[..16], .. values, .. whole[32..]], changed);
        Assert.Contains("'layer.0.attention.self.key.weight' has 16 elements [4, 4], not 48", Assert.Throws<GptGenException>(
            () => model.WriteParameter("layer.0.attention.self.key.weight", whole)).Message);
        Assert.Contains("such as 'wte.weight'", Assert.Throws<GptGenException>(() => model.ReadParameter("query.weight")).Message);
    }

    [Theory]
    [InlineData("bert.")]
    [InlineData("")]
    [InlineData("module.bert.")]
    public void OlderNamesAreKnownAndWhatSaysNothingIsIgnored(string prefix)
    {
        var saved = Create().Fill(1);
        var sources = Sources(saved, name => prefix + name.Replace("ln_1.weight", "ln_1.gamma").Replace("ln_1.bias", "ln_1.beta"));
        sources.Add(Copy(sources[1], prefix + "embeddings.position_ids"));
        sources.Add(Copy(sources[0], "cls.decoder.weight"));
        sources.Add(Copy(sources[1], "cls.seq_relationship.weight"));
        SafetensorsWriter.Write(folder.File("model.safetensors"), sources);
        var (loaded, notes) = (Create().Fill(2), new List<string>());
        ModelCheckpoint.Load(loaded, folder.Path, notes.Add);
        Assert.Equal(Stored(saved), Stored(loaded));
        // The next-sentence head is one that the model does not have.
        Assert.Contains(notes, static note => note.Contains("'cls.seq_relationship.weight'", StringComparison.Ordinal));
    }

    [Fact]
    public void AMissingPartIsNamed()
    {
        var sources = Sources(Create().Fill(), static name => "bert." + name);
        sources.RemoveAll(static source => source.Name == "bert.layer.1.attention.self.value.weight");
        Assert.Contains("it lacks 'layer.1.attention.self.value.weight'", Refusal(sources));
    }

    /// <summary>Weights of the body alone are enough for what reads states.</summary>
    [Fact]
    public void AnOptionalPartIsThereAsAWholeOrKeepsItsValues()
    {
        var saved = Create().Fill(1);
        var sources = Sources(saved, static name => name);
        sources.RemoveAll(static source => source.Name == "ln_f.weight");
        Assert.Contains("it lacks 'ln_f.weight'", Refusal(sources));
        sources.RemoveAll(static source => source.Name == "ln_f.bias");
        SafetensorsWriter.Write(folder.File("model.safetensors"), sources);
        var (loaded, notes) = (Create().Fill(2), new List<string>());
        var kept = loaded.Read("ln_f.weight");
        ModelCheckpoint.Load(loaded, folder.Path, notes.Add);
        Assert.Equal(saved.Read("wte.weight"), loaded.Read("wte.weight"));
        Assert.Equal(kept, loaded.Read("ln_f.weight"));
        Assert.Contains("has no 'ln_f': TestModel's keeps its values, so train it", Assert.Single(notes));
    }

    [Fact]
    public void APartOfAWrongShapeIsNamed()
    {
        var sources = Sources(Create().Fill(), static name => name);
        var at = sources.FindIndex(static source => source.Name == Query);
        sources[at] = Copy(sources.Find(static source => source.Name == "layer.0.attention.self.query.bias")!, Query);
        Assert.Contains($"has '{Query}' of shape [4] where [4, 4] is needed", Refusal(sources));
    }

    [Fact]
    public void ACopyWithOtherNumbersIsRefused()
    {
        var (sources, other) = (Sources(Create().Fill(1), static name => name), Sources(Create().Fill(2), static name => name));
        sources.Add(Copy(other[0], "embed_tokens.weight"));
        Assert.Contains("has other numbers as 'embed_tokens.weight' than as 'wte.weight', but TestModel has one tensor for both", Refusal(sources));
        sources[^1] = Copy(sources[0], "embed_tokens.weight");
        sources.RemoveAt(0);
        SafetensorsWriter.Write(folder.File("model.safetensors"), sources);
        ModelCheckpoint.Load(Create(), folder.Path);
    }

    [Fact]
    public void BothNamesOfOneTensorAreRefused()
    {
        var sources = Sources(Create().Fill(), static name => name);
        sources.Add(Copy(sources.Find(static source => source.Name == "layer.0.ln_1.weight")!, "layer.0.ln_1.gamma"));
        Assert.Contains("has 'layer.0.ln_1.weight', 'layer.0.ln_1.gamma', which mean the same parameter", Refusal(sources));
    }

    /// <summary>A model of two layers whose fused projections files keep as query, key and value.</summary>
    private static TestModel Create()
    {
        var plain = TestModel.Create().Description;
        var end = plain.ParameterElements;
        return new(plain with
        {
            Parameters = [.. plain.Parameters.Select(Rename), new(Constant, end, 6, 4, StoredLayout.Linear, Initialization.Ones, 0) { Tensors = [] }],
            ParameterElements = end + 24,
            Naming = new()
            {
                Prefix = "bert.",
                LayerPrefix = "layer.",
                Heads = ["cls.decoder", "cls.seq_relationship"],
                OptionalParts = ["ln_f", "cls.seq_relationship"],
                TokenTensors = ["wte.weight"],
                Copies = [new("cls.decoder.weight", "wte.weight"), new("embed_tokens.weight", "wte.weight")],
                Aliases = [new("gamma", "weight"), new("beta", "bias")],
                Ignored = ["position_ids"],
            },
        });
    }

    private static ParameterInfo Rename(ParameterInfo parameter)
    {
        var name = parameter.Name.Replace("h.", "layer.", StringComparison.Ordinal);
        if (!name.Contains("c_attn", StringComparison.Ordinal))
            return parameter with { Name = name };
        string Part(string word) => name.Replace("attn.c_attn", $"attention.self.{word}", StringComparison.Ordinal);
        return parameter with
        {
            Name = Part("query_key_value"),
            Layout = StoredLayout.Linear,
            Tensors =
            [
                new(Part("query"), 0, 4, StoredLayout.Linear), new(Part("key"), 4, 4, StoredLayout.Linear),
                new(Part("value"), 8, 4, StoredLayout.Linear),
            ],
        };
    }

    private static float[] Stored(TestModel model, Arena? arena = null) =>
        [.. model.Description.Parameters.Where(static parameter => parameter.IsStored).SelectMany(parameter => model.Read(parameter.Name, arena))];

    private static List<TensorSource> Sources(TestModel model, Func<string, string> name) =>
        [.. ParameterTensors.Sources(model.Description, model.Parameters, name)];

    private static TensorSource Copy(TensorSource source, string name) => source with { Name = name };

    private string Refusal(List<TensorSource> sources)
    {
        SafetensorsWriter.Write(folder.File("model.safetensors"), sources);
        return Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(Create(), folder.Path)).Message;
    }
}
