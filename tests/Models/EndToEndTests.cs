using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
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
        Assert.Equal(
            [3, 6],
            lines.Where(static line => line.TryGetProperty("validation_loss", out _)).Select(static line => line.GetProperty("step").GetInt32()));
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(trained.Run, "loss.svg")));
        Assert.Equal(
            ["step-000004.safetensors", "step-000006.safetensors"], Directory.GetFiles(trained.Run, "step-*").Select(Path.GetFileName).Order());
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
    public void GenerationAsJsonHasAnObjectForEachSample()
    {
        string[] arguments = ["generate", "--weights", trained.Run, "--prompt", "The ", "--tokens", "20", "--samples", "2", "--seed", "5"];
        var lines = CommandLine.Succeed([.. arguments, "--json"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var texts = lines.Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([1, 2], texts.Select(static text => text.GetProperty("sample").GetInt32()));
        var plain = string.Concat(
            texts.Select(static text => $"--- sample {text.GetProperty("sample")}\nThe {text.GetProperty("text").GetString()}\n"));
        Assert.Equal(plain, CommandLine.Succeed(arguments));
    }

    [Fact]
    public void ASearchPrintsTheBestTextsFirst()
    {
        string[] arguments = ["generate", "--weights", trained.Run, "--prompt", "The ", "--tokens", "20", "--beams", "3", "--best", "2"];
        var texts = CommandLine.Succeed([.. arguments, "--json"]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([1, 2], texts.Select(static text => text.GetProperty("rank").GetInt32()));
        Assert.True(texts[0].GetProperty("score").GetDouble() >= texts[1].GetProperty("score").GetDouble());
        Assert.All(texts, static text => Assert.Equal(
            text.GetProperty("log_probability").GetDouble() / text.GetProperty("tokens").GetInt32(), text.GetProperty("score").GetDouble(), 1e-9));
        var plain = string.Concat(texts.Select(static text => FormattableString.Invariant(
            $"--- text {text.GetProperty("rank")}, score {text.GetProperty("score").GetDouble():F4}\nThe {text.GetProperty("text").GetString()}\n")));
        Assert.Equal(plain, CommandLine.Succeed(arguments));
    }

    [Fact]
    public void ASearchWithOneBeamIsGreedy()
    {
        string[] arguments = ["generate", "--weights", trained.Run, "--prompt", "The ", "--tokens", "20"];
        Assert.Equal(CommandLine.Succeed([.. arguments, "--temperature", "0"]), CommandLine.Succeed([.. arguments, "--beams", "1"]));
    }

    [Fact]
    public void ASearchSaysWhereTheContextEnds()
    {
        var result = CommandLine.Run("generate", "--weights", trained.Run, "--prompt", "The ", "--tokens", "100", "--beams", "2");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("note: a search keeps its whole text in view, and the context of gpt2-nano has room for 61 tokens", result.Error);
    }

    [Theory]
    [InlineData("leave out --temperature, --top-k, or --beams", "--beams", "2", "--temperature", "0", "--top-k", "5")]
    [InlineData("leave out --seed, or --beams", "--beams", "2", "--seed", "5")]
    [InlineData("--best is of a search: give --beams", "--best", "2")]
    [InlineData("--length-penalty is of a search: give --beams", "--length-penalty", "0.6")]
    [InlineData("--best is 3, but must be between 1 and the number of --beams, 2", "--beams", "2", "--best", "3")]
    [InlineData("--beams is 0, but must be at least 1", "--beams", "0")]
    public void AContradictorySearchIsRefused(string message, params string[] options) =>
        Assert.Contains(message, CommandLine.Fail(["generate", "--weights", trained.Run, .. options]));

    [Theory]
    [InlineData("generate")]
    [InlineData("features")]
    public void APromptBeyondTheContextIsRefusedBeforeAnythingIsWritten(string command)
    {
        string[] arguments = [command, "--weights", trained.Run, "--prompt", new string('a', 65)];
        Assert.Contains("65 tokens", CommandLine.Fail(arguments));
        Assert.Equal("", CommandLine.Run(arguments).Output);
    }

    /// <summary>In a file there are lines, but neither one a step nor a moving bar.</summary>
    [Fact]
    public void ProgressInAFileIsAFewPlainLines()
    {
        var lines = trained.Output.Split('\n').Where(static line => line.StartsWith("step ", StringComparison.Ordinal)).ToList();
        Assert.Equal(["step 1/6", "step 3/6", "step 6/6"], lines.Select(static line => line.Split("  ")[0]));
        Assert.All(lines, static line => Assert.Matches(@"  loss \d+\.\d{3}(  validation \d+\.\d{3})?  [\d,]+ tokens/s", line));
        Assert.Matches("  validation .* tokens/s  .* left$", lines[1]);
        Assert.DoesNotContain('\e', trained.Output);
    }

    /// <summary>The share is counted again here, in another way.</summary>
    [Fact]
    public void TheShareOfWordsThatOccurInTheCorpusIsRight()
    {
        var match = Regex.Match(
            trained.Output, @"step 6/6[^\n]*\n\n(?<text>.*)\n\n(?<share>\d+) % of the (?<words>\d+) words written occur in the corpus",
            RegexOptions.Singleline);
        Assert.True(match.Success, trained.Output);
        var corpus = Regex.Matches(TinyRun.Text, @"\p{L}+").Select(static word => word.Value).ToHashSet();
        var text = match.Groups["text"].Value;
        var words = Regex.Matches(text, @"\p{L}+").Where(word => word.Index + word.Length < text.Length).Select(static word => word.Value).ToList();
        Assert.Equal($"{words.Count}", match.Groups["words"].Value);
        Assert.Equal(FormattableString.Invariant($"{100.0 * words.Count(corpus.Contains) / words.Count:F0}"), match.Groups["share"].Value);
    }

    [Fact]
    public void SamplesAppearOnTheWay()
    {
        var output = CommandLine.Succeed(TinyRun.Arguments(trained.Data, trained.File("samples"), steps: 4, saveEvery: 0, "--sample-every", "2"));
        Assert.Equal(["--- sample after step 2"], output.Split('\n').Where(static line => line.StartsWith("--- sample", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void TheSampleAtTheEndIsAsLongAsItIsAskedToBe(int tokens)
    {
        var output = CommandLine.Succeed(
            TinyRun.Arguments(trained.Data, trained.File($"sample-{tokens}"), steps: 2, saveEvery: 0, "--sample-tokens", $"{tokens}"));
        var match = Regex.Match(output, @"step 2/2[^\n]*\n\n(?<text>.*?)\n\n", RegexOptions.Singleline);
        Assert.Equal(tokens > 0, match.Success);
        // A letter's bytes may be several tokens.
        Assert.InRange(match.Groups["text"].Length, Math.Min(tokens, 1), tokens);
    }

    [Fact]
    public void ARunBeginsWithGivenWeights()
    {
        var output = CommandLine.Succeed(
            TinyRun.Arguments(trained.Data, trained.File("finetuned"), steps: 1, saveEvery: 0, "--weights", trained.Run));
        var loss = double.Parse(Regex.Match(output, @"loss ([\d.]+)").Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.InRange(loss, 0, 5); // Fresh weights begin at ln 256 = 5.5.
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
    public void TheZooHasTheParameterCountsOfTheReadmeAndOfThePapers()
    {
        using var json = JsonDocument.Parse(CommandLine.Succeed("models", "--json"));
        var counts = json.RootElement.EnumerateArray().ToDictionary(
            static model => model.GetProperty("model").GetString()!, static model => model.GetProperty("parameters").GetInt64());
        var readme = Regex.Matches(
            File.ReadAllText(Path.Combine(Package.Sdk.Root, "README.md")), @"^\| `(?<model>[a-z0-9-]+)` (\| [\d+ ]+ ){4}\| (?<parameters>[\d,]+) \|",
            RegexOptions.Multiline);
        Assert.Equal(
            readme.ToDictionary(
                static row => row.Groups["model"].Value,
                static row => long.Parse(row.Groups["parameters"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture)), counts);
        Assert.Equal("gpt2-nano", counts.MinBy(static count => count.Value).Key);
        Assert.Equal(116_534_784, counts["gpt1"]);
        Assert.Equal(124_439_808, counts["gpt2-small"]);
        Assert.Equal(354_823_168, counts["gpt2-medium"]);
        Assert.Equal(774_030_080, counts["gpt2-large"]);
        Assert.Equal(1_557_611_200, counts["gpt2-xl"]);
        Assert.Equal(63_082_496, counts["seq2seq-base"]);
        Assert.Equal(73_886_208, counts["opus-mt-en-de"]);
        Assert.Equal(214_245_376, counts["seq2seq-big"]);
    }

    // 6 FLOPs a parameter, and 12 x layers x width a row that a token sees: of causal attention half of its segment, and all of the memory, where
    // three products of attention by distance make it 18, and each of the memory's rows has queries, keys and values made once a segment.
    [Theory]
    [InlineData("gpt2-small", (6.0 * 124_439_808) + (12.0 * 12 * 768 * 1024 / 2))]
    [InlineData("bert-base", (6.0 * 110_106_428) + (12.0 * 12 * 768 * 512))]
    [InlineData("txl-mini-4k", (6.0 * 1_385_216) + (18.0 * 4 * 128 * ((128 / 2) + 1024)) + (18.0 * 4 * 128 * 128 * 1024 / 128))]
    public void FlopsCountTheRowsThatATokenSees(string name, double expected)
    {
        using var json = JsonDocument.Parse(CommandLine.Succeed("models", "--json"));
        var model = json.RootElement.EnumerateArray().Single(model => model.GetProperty("model").GetString() == name);
        Assert.Equal(expected, model.GetProperty("training_flops_per_token").GetDouble());
    }
}
