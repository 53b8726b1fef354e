using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>GPT-1's files: Hugging Face's openai-gpt.</summary>
public sealed class Gpt1CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);

    [Fact]
    public void AFolderOfHuggingFaceLoadsAndComesBackAsItWas()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Golden", "gpt1-tiny");
        using var model = Gpt1Tiny.Create(device);
        ModelCheckpoint.Load(model, source);
        ModelCheckpoint.Save(model, folder.Path);
        using var again = Gpt1Tiny.Create(device);
        ModelCheckpoint.Load(again, folder.Path);

        var golden = new GoldenCase("gpt1-tiny");
        foreach (var parameter in again.Description.Parameters)
            Assert.Equal(GoldenCase.Tensor(golden.Weights, "", parameter, model), again.ReadParameter(parameter.Name));

        var config = File.ReadAllText(Path.Combine(folder.Path, ModelConfig.FileName));
        Assert.Contains("\"model_type\": \"openai-gpt\"", config);
        Assert.Contains("\"OpenAIGPTLMHeadModel\"", config);
        Assert.Contains("\"afn\": \"gelu\"", config);
        Assert.Contains("\"n_positions\": 64", config);
    }

    [Fact]
    public void WeightsOfTheOtherFamilyAreRefused()
    {
        using var model = Gpt1Tiny.Create(device);
        var exception = Assert.Throws<GptGenException>(
            () => ModelCheckpoint.Load(model, Path.Combine(AppContext.BaseDirectory, "Golden", "gpt2-tiny")));
        Assert.Contains("openai-gpt", exception.Message);
    }

    [Fact]
    public void LlmcHasNoPlaceForIt()
    {
        using var model = Gpt1Tiny.Create(device);
        var path = Path.Combine(folder.Path, "model.bin");
        Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(model, path));
        Assert.False(File.Exists(path));
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }
}
