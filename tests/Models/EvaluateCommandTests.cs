using System.Text.Json;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>A model of zero weights: each of 256 bytes is equally probable, so every number is known.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string weights;

    public EvaluateCommandTests()
    {
        weights = folder.File("uniform.safetensors");
        using var device = new CpuDevice(1);
        using var model = Gpt2Nano.Create(device);
        ModelCheckpoint.Save(model, weights);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AText()
    {
        // 200 bytes, 40 words; 199 bytes are predicted.
        var data = folder.Write("text.txt", string.Concat(Enumerable.Repeat("word ", 40)));
        var numbers = Evaluate("--data", data, "--stride", "16");
        Assert.Equal((200, 40, 200), (numbers("tokens"), numbers("words"), numbers("bytes")));
        Assert.Equal(Math.Log(256), numbers("loss"), 1e-5);
        Assert.Equal(256, numbers("perplexity"), 1e-2);
        Assert.Equal(8 * 199 / 200.0, numbers("bits_per_byte"), 1e-5);
        Assert.Equal(Math.Pow(256, 199 / 200.0), numbers("perplexity_per_byte"), 1e-2);
        Assert.Equal(1, numbers("perplexity_per_word") / Math.Pow(256, 199 / 40.0), 1e-4);
        Assert.Equal(50, Evaluate("--data", data, "--limit", "50")("tokens"));
    }

    [Fact]
    public void ATableForPeople()
    {
        var data = folder.Write("text.txt", string.Concat(Enumerable.Repeat("word ", 40)));
        Assert.Equal(
            "tokens         200\nwords          40\nbytes          200\nloss           5.5452 nats per token\nperplexity     256.000 per token\n"
            + "               9.57181E+11 per word\n               249.000 per byte\nbits per byte  7.9600\n",
            CommandLine.Succeed("evaluate", "--weights", weights, "--data", data).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Benchmarks()
    {
        var lambada = folder.Write("lambada.jsonl", "{\"text\": \"It was a dog\"}\n{\"text\": \"This was a cat\"}\n");
        var words = Evaluate("--task", "lambada", "--data", lambada);
        Assert.Equal((2, 0, 0), (words("examples"), words("accuracy"), words("accuracy_without_stop_words")));
        Assert.Equal(1, words("perplexity") / Math.Pow(256, 4), 1e-4);

        // The shortest ending is the most probable; of equal means the first.
        var hellaswag = folder.Write("hellaswag.jsonl", """
            {"ctx": "A", "endings": ["bcd", "b", "bc", "bcde"], "label": 1}
            {"ctx": "A", "endings": ["bcd", "b", "bc", "bcde"], "label": 1}
            {"ctx": "A", "endings": ["bcd", "bcde"], "label": 1}
            """);
        var endings = Evaluate("--task", "hellaswag", "--data", hellaswag, "--batch", "3");
        Assert.Equal((3, 2 / 3.0, 0, 1 / 3.0), (endings("examples"), endings("accuracy"), endings("accuracy_normalized"), endings("chance")));
        Assert.Equal(1, Evaluate("--task", "hellaswag", "--data", hellaswag, "--limit", "2")("accuracy"));

        var cbt = folder.Write("cbt.jsonl", """{"sentences": ["a"], "question": "b XXXXX .", "answer": "d", "options": ["cc", "d"]}""");
        Assert.Equal(1, Evaluate("--task", "cbt", "--data", cbt)("accuracy"));
    }

    [Theory]
    [InlineData("--task is 'squad'", "--task", "squad")]
    [InlineData("--task lambada needs a file", "--task", "lambada")]
    [InlineData("--stride belongs to --task text", "--task", "cbt", "--data", "x", "--stride", "4")]
    [InlineData("The stride is 65", "--data", "text.txt", "--stride", "65")]
    [InlineData("--limit is -1", "--limit", "-1")]
    [InlineData("'none' does not exist", "--task", "hellaswag", "--data", "none")]
    [InlineData("line 1 is not valid JSON", "--task", "hellaswag", "--data", "text.txt")]
    [InlineData("holds no examples", "--task", "hellaswag", "--data", "empty.txt")]
    public void AWrongOptionIsNamed(string cause, params string[] arguments)
    {
        folder.Write("text.txt", "A text that is long enough.");
        folder.Write("empty.txt", "\n");
        arguments = [.. arguments.Select(argument => argument.EndsWith(".txt", StringComparison.Ordinal) ? folder.File(argument) : argument)];
        Assert.Contains(cause, CommandLine.Fail(["evaluate", "--weights", weights, .. arguments]));
    }

    private Func<string, double> Evaluate(params string[] arguments)
    {
        var json = JsonDocument.Parse(CommandLine.Succeed(["evaluate", "--weights", weights, "--json", .. arguments])).RootElement;
        return name => json.GetProperty(name).GetDouble();
    }
}
