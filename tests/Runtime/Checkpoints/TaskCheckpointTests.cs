using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>Files of models with task heads, and what such a model takes over from the language model before it.</summary>
public sealed class TaskCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);

    [Theory]
    [InlineData("gpt1-tiny-clf", "\"num_labels\": 4", "clf_head.weight", "\"classify_token_id\": 300", "transformer.tokens_embed.weight")]
    [InlineData(
        "gpt1-tiny-mc", "\"num_choices\": 3", "multiple_choice_head.summary.bias", "\"classify_token_id\": 300", "transformer.tokens_embed.weight")]
    [InlineData(
        "bert-tiny2-clf", "\"num_labels\": 3", "classifier.weight", "\"BertForSequenceClassification\"", "bert.embeddings.word_embeddings.weight")]
    public void AFolderLoadsAndComesBackAsItWas(string name, string entry, string headName, string otherEntry, string tableName)
    {
        using var model = GoldenModels.CreateTask(name, device);
        ModelCheckpoint.Load(model, Path.Combine(AppContext.BaseDirectory, "Golden", name));
        ModelCheckpoint.Save(model, folder.Path);
        using var again = GoldenModels.CreateTask(name, device);
        ModelCheckpoint.Load(again, folder.Path);

        var golden = new TaskGoldenCase(name);
        Assert.All(again.Description.Tensors, parameter =>
            Assert.Equal(GoldenFiles.Tensor(golden.Weights, "", parameter, model), again.ReadParameter(parameter.Name)));
        var config = File.ReadAllText(folder.File(ModelConfig.FileName));
        Assert.Contains(entry, config);
        Assert.Contains(otherEntry, config);
        using var file = SafetensorsFile.Open(folder.File("model.safetensors"));
        Assert.Contains(headName, file.Tensors.Select(tensor => tensor.Name));
        Assert.Contains(tableName, file.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void AConfigOfAnotherHeadIsRefused()
    {
        using var model = GoldenModels.CreateTask("gpt1-tiny-clf", device);
        ModelCheckpoint.Save(model, folder.Path);
        var path = folder.File(ModelConfig.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"num_labels\": 4", "\"num_labels\": 2"));
        Assert.Contains("num_labels is 2", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, folder.Path)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("model.safetensors")]
    public void WhatALanguageModelLearntIsTakenOver(string file)
    {
        using var pretrained = Gpt1Plain.Create(device);
        pretrained.Initialize(1);
        var path = folder.File(file);
        ModelCheckpoint.Save(pretrained, path);
        using var model = Gpt1TinyClassifier.Create(device);
        model.Initialize(2);
        var (table, head) = (Read(model, "tokens_embed.weight"), Read(model, "clf_head.weight"));
        ModelCheckpoint.LoadPretrained(model, path);

        Assert.Equal(head, Read(model, "clf_head.weight"));
        var expected = Read(pretrained, "tokens_embed.weight");
        Assert.Equal([.. expected, .. table[expected.Length..]], Read(model, "tokens_embed.weight"));
        Assert.Equal(3 * model.Description.Width, table.Length - expected.Length);
        foreach (var parameter in pretrained.Description.Parameters.Where(parameter => parameter.Name != "tokens_embed.weight"))
            Assert.Equal(Variants.Read(pretrained.Parameters, parameter), Read(model, parameter.Name));
    }

    /// <summary>The body and the pooler, in Hugging Face's names; the heads of pre-training stay behind.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatAMaskedModelLearntIsTakenOver(bool lacksPooler)
    {
        using var pretrained = BertPlain.Create(device);
        pretrained.Initialize(1);
        ModelCheckpoint.SaveWithout(lacksPooler ? ["pooler"] : [], pretrained, folder.Path, ElementType.F32, tokenizer: null);
        using var model = BertTinyClassifier.Create(device);
        model.Initialize(2);
        var (pooler, head) = (Read(model, "pooler.dense.weight"), Read(model, "classifier.weight"));
        var notes = new List<string>();
        ModelCheckpoint.LoadPretrained(model, folder.Path, notes.Add);

        Assert.Equal(head, Read(model, "classifier.weight"));
        Assert.Equal(lacksPooler, notes.Exists(note => note.Contains("has no 'pooler'", StringComparison.Ordinal)));
        Assert.Contains(notes, note => note.Contains("a head that BertTinyClassifier does not have", StringComparison.Ordinal));
        if (lacksPooler)
            Assert.Equal(pooler, Read(model, "pooler.dense.weight"));
        string[] kept = lacksPooler ? ["classifier", "pooler"] : ["classifier"];
        foreach (var parameter in model.Description.Parameters.Where(parameter => !kept.Contains(parameter.Name.Split('.')[0])))
            Assert.Equal(Read(pretrained, parameter.Name), Read(model, parameter.Name));
    }

    [Fact]
    public void TheWeightsOfAnotherSizeAreNotTakenOver()
    {
        using var other = Gpt1Tiny.Create(device);
        ModelCheckpoint.Save(other, folder.Path);
        using var model = Gpt1TinyClassifier.Create(device);
        model.Initialize(2);
        var before = Read(model, "tokens_embed.weight");
        Assert.Contains("vocab_size", Assert.Throws<GptGenException>(() => ModelCheckpoint.LoadPretrained(model, folder.Path)).Message);
        Assert.Equal(before, Read(model, "tokens_embed.weight"));
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    private static float[] Read(Model model, string name) =>
        Variants.Read(model.Parameters, model.Description.Parameters.Single(parameter => parameter.Name == name));
}

/// <summary>The golden classifier without its head.</summary>
[Gpt1(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 298)]
public sealed partial class Gpt1Plain;

/// <summary>The golden encoder without its head.</summary>
[Bert(Layers = 2, Heads = 4, Width = 32, HiddenWidth = 40, Context = 25, Vocabulary = 119, Dropout = 0)]
public sealed partial class BertPlain;
