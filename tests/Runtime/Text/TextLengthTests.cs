using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Saved beside a model, a tokenizer's configuration says how much the model reads.</summary>
public sealed class TextLengthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(1);

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void ItIsTheModelsContext()
    {
        var tokenizer = Tokenizer.Open("bytes");
        tokenizer.Save(_folder.File("alone"));
        Assert.Null(LengthIn("alone"));

        // The weights are replaced, and the length with them; the tokenizer stays.
        Save<BareUntied>(BareUntied.Create, "alone", tokenizer);
        Assert.Equal(64, LengthIn("alone"));
        Save<Golden.Gpt2Tiny>(Golden.Gpt2Tiny.Create, "hf", tokenizer);
        Assert.Equal(Golden.Gpt2Tiny.Specification.Context, LengthIn("hf"));
        Assert.Equal(
            Tokenizer.Open("bytes").Encode("The texts."), Tokenizer.Open(_folder.File("hf"), static note => Assert.Fail(note)).Encode("The texts."));
    }

    /// <summary>A model that reads on from segment to segment has no longest text.</summary>
    [Fact]
    public void AModelThatReadsOnHasNone()
    {
        Save<TransformerXLTinyAdaptive>(TransformerXLTinyAdaptive.Create, "xl", Tokenizer.Open("bytes"));
        Assert.Null(LengthIn("xl"));
    }

    [Theory]
    [InlineData("1000000000000000019884624838656", 64)]
    [InlineData("1024", 64)]
    [InlineData("48", 48)]
    [InlineData("null", 64)]
    public void WhatWasReadIsAtMostTheContext(string said, int expected)
    {
        SampleVocabulary.WriteJson(_folder);
        var text = $$"""{"padding_side": "left", "model_max_length": {{said}}, "pad_token": "<|endoftext|>"}""";
        _folder.Write("tokenizer_config.json", text);
        Save<BareUntied>(BareUntied.Create, "hf", Tokenizer.Open(_folder.Path));
        Assert.Equal(expected, LengthIn("hf"));
        using var config = JsonDocument.Parse(File.ReadAllBytes(_folder.File("hf/tokenizer_config.json")));
        Assert.Equal("left", config.RootElement.GetProperty("padding_side").GetString());
        Assert.Equal(3, config.RootElement.EnumerateObject().Count());
        Assert.Equal(said == "48", File.ReadAllText(_folder.File("hf/tokenizer_config.json")) == text);
        // What is there is still another tokenizer's where more than the length differs.
        _folder.Write("hf/tokenizer_config.json", text.Replace("left", "right"));
        Assert.Contains(
            "belongs to another vocabulary",
            Assert.Throws<GptGenException>(() => Save<BareUntied>(BareUntied.Create, "hf", Tokenizer.Open(_folder.Path))).Message);
    }

    private void Save<T>(Func<Device, T> create, string name, Tokenizer tokenizer)
        where T : Model
    {
        using var model = create(_device);
        model.Initialize(1);
        ModelCheckpoint.Save(model, _folder.File(name), tokenizer: tokenizer);
    }

    private long? LengthIn(string name)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(_folder.File($"{name}/tokenizer_config.json")));
        return config.RootElement.TryGetProperty("model_max_length", out var value) ? value.GetInt64() : null;
    }
}
