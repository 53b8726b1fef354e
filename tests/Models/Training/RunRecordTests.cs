using GptGen.Checkpoints;
using GptGen.Models.Commands;
using GptGen.Training;
using Xunit;

namespace GptGen.Models.Tests.Training;

public sealed class RunRecordTests : IDisposable
{
    private static readonly string Sound = new RunRecord("gpt2-nano", "bytes", ["a.txt"], 100, new() { Steps = 5, Length = 16 }).ToJson();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ASoundRecordIsRead()
    {
        var record = Read(Sound);
        Assert.Equal(
            ("gpt2-nano", "bytes", 100, new TrainingOptions { Steps = 5, Length = 16 }),
            (record.Model, record.Tokenizer, record.Tokens, record.Training));
        Assert.Equal(["a.txt"], record.Data);
    }

    [Fact]
    public void AMaskedModelsRecordSaysWhatIsMasked()
    {
        var record = new RunRecord("bert-mini-4k", "words", ["a.txt"], 100, new() { Length = 16 })
        {
            Pretraining = new() { MaskingRate = 0.2, WholeWords = true, NextSentence = false },
        };
        Assert.Equal(record.Pretraining, Read(record.ToJson()).Pretraining);
        Assert.Throws<GptGenException>(() => Read((record with { Pretraining = null }).ToJson()));
        Assert.Throws<GptGenException>(() => Read((record with { Pretraining = new() { MaskingRate = 2 } }).ToJson()));
    }

    [InlineData("\"gpt2-nano\"", "null")]
    [InlineData("\"gpt2-nano\"", "7")]
    [InlineData("\"gpt2-nano\"", "\"gpt9\"")]
    [InlineData("\"bytes\"", "null")]
    [InlineData("[\"a.txt\"]", "null")]
    [InlineData("[\"a.txt\"]", "[null]")]
    [InlineData("[\"a.txt\"]", "[\"\"]")]
    [InlineData("[\"a.txt\"]", "[[\"a.txt\"]]")]
    [InlineData("\"tokens\":100", "\"tokens\":0")]
    [InlineData("\"tokens\":100", "\"tokens\":-1")]
    [InlineData("\"tokens\":100", "\"tokens\":1e30")]
    [InlineData("\"steps\":5", "\"steps\":2147483648")]
    [InlineData("\"steps\":5", "\"steps\":-5")]
    [InlineData("\"steps\":5", "\"steps\":5.5")]
    [InlineData("\"steps\":5", "\"steps\":null")]
    [InlineData("\"length\":16", "\"length\":1000000")]
    [InlineData("\"keep\":2", "\"keep\":0")]
    [InlineData("\"Cosine\"", "\"Steep\"")]
    [InlineData("\"Cosine\"", "7")]
    [InlineData("\"Cosine\"", "null")]
    [InlineData("\"learning_rate\":0.001", "\"learning_rate\":\"NaN\"")]
    [InlineData("\"learning_rate\":0.001", "\"learning_rate\":NaN")]
    [InlineData("\"learning_rate\":0.001", "\"learning_rate\":-1")]
    [InlineData("\"learning_rate\":0.001", "\"learning_rate\":1e999")]
    [InlineData("\"training\":{", "\"training\":null,\"other\":{")]
    [InlineData("{\"model\"", "[]")]
    [InlineData("{\"model\"", "null,{\"model\"")]
    [InlineData("{\"model\"", "")]
    [Theory]
    public void WhatCannotBeIsRefusedInOneLine(string part, string replacement)
    {
        Assert.Contains(part, Sound);
        var message = Assert.Throws<GptGenException>(() => Read(Sound.Replace(part, replacement, StringComparison.Ordinal))).Message;
        Assert.Contains("cannot be resumed", message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', message);
    }

    private RunRecord Read(string options)
    {
        var path = folder.File("step-000001.safetensors");
        SafetensorsWriter.Write(path, [], metadata: new TrainingState { Step = 1, Seed = 1, DataPosition = 1, Options = options }.ToMetadata());
        return RunRecord.Read(path);
    }
}
