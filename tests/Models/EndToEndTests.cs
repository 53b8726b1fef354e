using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>A run of six steps that every test of the class reads.</summary>
public sealed class TrainedFixture : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TrainedFixture()
    {
        Data = folder.Write("text.txt", TinyRun.Text);
        Run = folder.File("run");
        Output = CommandLine.Succeed(TinyRun.Arguments(Data, Run, steps: 6, saveEvery: 2));
    }

    public string Data { get; }

    public string Run { get; }

    public string Output { get; }

    public string File(string name) => folder.File(name);

    public void Dispose() => folder.Dispose();
}

public sealed class EndToEndTests(TrainedFixture trained) : IClassFixture<TrainedFixture>
{
    [Fact]
    public void TrainingLeavesALogAPlotAndItsNewestCheckpoints()
    {
        var lines = File.ReadAllLines(Path.Combine(trained.Run, "log.jsonl")).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([1, 2, 3, 4, 5, 6], lines.Select(static line => line.GetProperty("step").GetInt32()));
        Assert.All(lines, static line => Assert.InRange(line.GetProperty("loss").GetDouble(), 1, 6));
        Assert.Equal([3, 6], lines.Where(static line => line.TryGetProperty("validation_loss", out _)).Select(static line => line.GetProperty("step").GetInt32()));
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(trained.Run, "loss.svg")));
        Assert.Equal(["step-000004.safetensors", "step-000006.safetensors"], Directory.GetFiles(trained.Run, "step-*").Select(Path.GetFileName).Order());
        Assert.Contains("step-000006.safetensors", trained.Output);
    }

    [Fact]
    public void GenerationIsAFunctionOfItsSeed()
    {
        string[] arguments = ["generate", "--weights", trained.Run, "--prompt", "The ", "--tokens", "20", "--samples", "2", "--seed", "5"];
        var text = CommandLine.Succeed(arguments);
        Assert.NotEqual("", text.Trim());
        Assert.Equal(text, CommandLine.Succeed(arguments));
    }

    [Fact]
    public void EvaluationAgreesWithItself()
    {
        using var json = JsonDocument.Parse(CommandLine.Succeed("evaluate", "--weights", trained.Run, "--data", trained.Data, "--json"));
        double Number(string name) => json.RootElement.GetProperty(name).GetDouble();
        Assert.InRange(Number("loss"), 1, 6);
        Assert.Equal(Math.Exp(Number("loss")), Number("perplexity"), 1e-9);
        Assert.Equal(Number("loss") / Math.Log(2), Number("bits_per_byte"), 0.02);
    }

    [Fact]
    public void FeaturesHaveALineForEachToken()
    {
        var lines = CommandLine.Succeed("features", "--weights", trained.Run, "--prompt", "gear").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        for (var row = 0; row < lines.Length; row++)
        {
            using var line = JsonDocument.Parse(lines[row]);
            Assert.Equal("gear"[row], line.RootElement.GetProperty("token").GetInt32());
            Assert.Equal(128, line.RootElement.GetProperty("hidden").GetArrayLength());
        }
    }

    [Fact]
    public void ConversionToHuggingFaceAndBackKeepsEveryBit()
    {
        var (direct, hub, back) = (trained.File("direct.safetensors"), trained.File("hub"), trained.File("back.safetensors"));
        CommandLine.Succeed("convert", "--weights", trained.Run, "--out", direct);
        CommandLine.Succeed("convert", "--weights", trained.Run, "--out", hub);
        CommandLine.Succeed("convert", "--weights", hub, "--out", back);
        Assert.True(File.Exists(Path.Combine(hub, "config.json")));
        Assert.Equal(File.ReadAllBytes(direct), File.ReadAllBytes(back));
    }

    [Fact]
    public void TheZooHasThePublishedParameterCounts()
    {
        using var json = JsonDocument.Parse(CommandLine.Succeed("models", "--json"));
        var counts = json.RootElement.EnumerateArray().ToDictionary(
            static model => model.GetProperty("model").GetString()!, static model => model.GetProperty("parameters").GetInt64());
        Assert.Equal(6, counts.Count);
        Assert.Equal(124_439_808, counts["gpt2-small"]);
        Assert.Equal(354_823_168, counts["gpt2-medium"]);
        Assert.Equal(774_030_080, counts["gpt2-large"]);
        Assert.Equal(1_557_611_200, counts["gpt2-xl"]);
    }
}
