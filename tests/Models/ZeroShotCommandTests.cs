using System.Diagnostics;
using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Generation;
using GptGen.Text;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Weights of the smallest model, fresh from their seed.</summary>
public sealed class FreshWeightsFixture : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FreshWeightsFixture()
    {
        Path = folder.File("weights.safetensors");
        using var device = new CpuDevice(1);
        using var model = Gpt2Nano.Create(device);
        model.Initialize(seed: 1);
        ModelCheckpoint.Save(model, Path);
    }

    public string Path { get; }

    /// <summary>The task in this process.</summary>
    public string Do(Func<ZeroShot, ZeroShotText> task)
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Nano.Create(device);
        model.Initialize(seed: 1);
        return task(new(new(model, ByteTokenizer.Instance))).Text;
    }

    public string Write(string name, string text) => folder.Write(name, text);

    public void Dispose() => folder.Dispose();
}

public sealed class ZeroShotCommandTests(FreshWeightsFixture weights) : IClassFixture<FreshWeightsFixture>
{
    [Fact]
    public void SummarizeReadsAFileAndSaysWhatItLeftOut()
    {
        var article = string.Concat(Enumerable.Repeat("Gears turn wheels. ", 10));
        string[] arguments = [
            "summarize", "--weights", weights.Path, "--file", weights.Write("article.txt", article), "--tokens", "20", "--seed", "3"];
        var plain = CommandLine.Run(arguments);
        Assert.Equal(0, plain.ExitCode);
        // Without the last space 189 bytes, of which 37 fit beside "\nTL;DR:" and 20 tokens to write.
        Assert.EndsWith(
            "note: the first 152 tokens of the article were left out: gpt2-nano sees 64 at once, 44 of them before the text to write.\n",
            plain.Error);
        var expected = weights.Do(zeroShot => zeroShot.Summarize(article, 20, seed: 3));
        Assert.Equal(expected + "\n", plain.Output);
        using var json = JsonDocument.Parse(CommandLine.Succeed([.. arguments, "--json"]));
        Assert.Equal((expected, 152), (json.RootElement.GetProperty("text").GetString(), json.RootElement.GetProperty("cut_tokens").GetInt32()));
    }

    [Fact]
    public void TranslateTakesExamplesFromOptionsAndAFile()
    {
        var file = weights.Write("pairs.txt", "cheese = fromage\n\na = b = c\n");
        Assert.Equal(
            weights.Do(static zeroShot => zeroShot.Translate([new("sea", "mer"), new("cheese", "fromage"), new("a", "b = c")], "cat", 9)) + "\n",
            CommandLine.Succeed(
                "translate", "--weights", weights.Path, "--example", "sea = mer", "--examples", file, "--text", "cat", "--tokens", "9"));
    }

    [Fact]
    public void AnswerReadsStandardInput()
    {
        var history = weights.Write("history.txt", "Q: Who?\nA: Me.\n");
        string[] arguments = ["answer", "--weights", weights.Path, "--question", "Why?", "--history", history, "--tokens", "9"];
        var quoted = string.Join(' ', CommandLine.Program.Concat(arguments).Select(static part => $"'{part}'"));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no bash.");
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", $"printf 'Übung.\\n' | {quoted}"]) { RedirectStandardOutput = true })!;
        Assert.Equal(
            weights.Do(static zeroShot => zeroShot.Answer("Übung.", [new("Who?", "Me.")], "Why?", 9)) + "\n",
            process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        using var invalid = Process.Start(new ProcessStartInfo("bash", ["-c", $"printf '\\377' | {quoted}"]) { RedirectStandardError = true })!;
        Assert.Contains("document on standard input is not UTF-8", invalid.StandardError.ReadToEnd());
        invalid.WaitForExit();
    }

    [Theory]
    [InlineData("--example is 'x', but must be a pair", "translate", "--text", "a", "--example", "x")]
    [InlineData("There are no examples", "translate", "--text", "a")]
    [InlineData("give one of them", "summarize", "--text", "a", "--file", "b")]
    [InlineData("'none' does not exist", "summarize", "--file", "none")]
    [InlineData("article is empty", "summarize", "--text", " ")]
    [InlineData("--tokens is 0", "summarize", "--text", "a", "--tokens", "0")]
    [InlineData("'--question' is required", "answer", "--text", "a")]
    [InlineData("must stay whole", "answer", "--text", "a", "--question", "1234567890123456789012345678901234567890")]
    public void AWrongOptionIsNamed(string cause, string command, params string[] arguments) =>
        Assert.Contains(cause, CommandLine.Fail([command, "--weights", weights.Path, .. arguments]));

    [Fact]
    public void AWrongLineIsNamed()
    {
        var pairs = weights.Write("bad-pairs.txt", "a = b\n\nc: d\n");
        Assert.Contains($"'{pairs}', line 3 is 'c: d'", CommandLine.Fail("translate", "--weights", weights.Path, "--text", "a", "--examples", pairs));
        var history = weights.Write("bad-history.txt", "Q: a\nQ: b\n");
        Assert.Contains(
            $"'{history}', line 2 is 'Q: b'",
            CommandLine.Fail("answer", "--weights", weights.Path, "--text", "a", "--question", "b", "--history", history));
    }
}
