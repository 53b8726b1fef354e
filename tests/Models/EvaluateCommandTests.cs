using System.Diagnostics;
using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Text;
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
        // 200 bytes, of which all but the first are predicted, in 40 words.
        var data = folder.Write("text.txt", string.Concat(Enumerable.Repeat("word ", 40)));
        var numbers = Evaluate("--data", data, "--stride", "16");
        Assert.Equal((199, 40, 199), (numbers("tokens"), numbers("words"), numbers("bytes")));
        Assert.Equal(Math.Log(256), numbers("loss"), 1e-5);
        Assert.Equal(256, numbers("perplexity"), 1e-2);
        Assert.Equal(8, numbers("bits_per_byte"), 1e-5);
        Assert.Equal(256, numbers("perplexity_per_byte"), 1e-2);
        Assert.Equal(1, numbers("perplexity_per_word") / Math.Pow(256, 199 / 40.0), 1e-4);
        var limited = Evaluate("--data", data, "--limit", "50");
        Assert.Equal((49, 10, 49), (limited("tokens"), limited("words"), limited("bytes")));
        Assert.Equal(8, limited("bits_per_byte"), 1e-5);
    }

    /// <summary>The first token has nothing before it and is not predicted: no figure counts its bytes.</summary>
    [Fact]
    public void EveryFigureDividesByWhatWasPredicted()
    {
        var two = Evaluate("--data", folder.Write("two.txt", "ab"));
        Assert.Equal((1, 1, 1), (two("tokens"), two("words"), two("bytes")));
        Assert.Equal(8, two("bits_per_byte"), 1e-5);
        Assert.Equal(256, two("perplexity_per_byte"), 1e-2);
        Assert.Equal(two("perplexity"), two("perplexity_per_byte"), 1e-3);
    }

    /// <summary>Tokens in files are numbers of the model; only words and bytes need a tokenizer.</summary>
    [Fact]
    public void TokenFilesNeedNoTokenizer()
    {
        var path = folder.File("4k.safetensors");
        using (var device = new CpuDevice(1))
        using (var model = Gpt1Mini4K.Create(device))
            ModelCheckpoint.Save(model, path);
        TokenFile.Write(folder.File("a.bin"), [.. Enumerable.Range(4000, 90)], TokenFileFormat.LlmC);
        var result = CommandLine.Run("evaluate", "--weights", path, "--data", folder.File("a.bin"), "--json");
        Assert.Equal(
            (0, "note: no tokenizer is known for these tokens, so nothing is said per word and byte; name it with --tokenizer.\n"),
            (result.ExitCode, result.Error));
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal(["tokens", "loss", "perplexity"], json.RootElement.EnumerateObject().Select(static entry => entry.Name));
        Assert.Equal(Math.Log(4096), json.RootElement.GetProperty("loss").GetDouble(), 1e-4);
        TokenFile.Write(folder.File("a.bin"), [1, 4096, 3], TokenFileFormat.LlmC);
        Assert.Contains("outside the vocabulary of 4096", CommandLine.Fail("evaluate", "--weights", path, "--data", folder.File("a.bin")));
        Assert.Contains("--tokenizer", CommandLine.Fail("evaluate", "--weights", path, "--data", folder.Write("a.txt", "text")));
    }

    [Theory]
    [InlineData("lambada", "{\"text\": \"It was a dog\"}\n{\"text\": \"It was a {0}\"}")]
    [InlineData(
        "hellaswag", "{\"ctx\": \"A\", \"endings\": [\"b\", \"c\"], \"label\": 1}\n{\"ctx\": \"A\", \"endings\": [\"b\", \"{0}\"], \"label\": 1}")]
    [InlineData("cbt", "1 A .\n21 It was XXXXX .\tb\t\tb|{0}")]
    public void ATextBeyondTheContextIsNamedWithItsLine(string task, string content)
    {
        var data = folder.Write("data", content.Replace("{0}", new string('x', 70), StringComparison.Ordinal));
        Assert.Contains(
            $"'{data}', line 2: A text to predict has 7", CommandLine.Fail("evaluate", "--weights", weights, "--task", task, "--data", data));
    }

    /// <summary>A benchmark's file is read once, so it may come through a pipe.</summary>
    [Theory]
    [InlineData("cbt", "{\"sentences\": [\"a\"], \"question\": \"b XXXXX .\", \"answer\": \"d\", \"options\": [\"cc\", \"d\"]}", "accuracy")]
    [InlineData("lambada", "{\"text\": \"It was a dog\"}", "perplexity")]
    [InlineData("text", "Some text.", "loss")]
    public void APipeIsReadAsAFileIs(string task, string content, string measure)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        var file = Evaluate("--task", task, "--data", folder.Write("file", content));
        var program = string.Join("' '", CommandLine.Program);
        foreach (var (before, data) in new[] { ("cat '{0}' | ", "/dev/stdin"), ("", "<(cat '{0}')") })
        {
            var start = new ProcessStartInfo(
                "bash",
                [
                    "-c",
                    $"{before}'{program}' evaluate --weights '{weights}' --task {task} --json --data {data}".Replace(
                        "{0}", folder.File("file"), StringComparison.Ordinal)]) 
            {
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            using var json = JsonDocument.Parse(process.StandardOutput.ReadToEnd());
            Assert.Equal(file(measure), json.RootElement.GetProperty(measure).GetDouble());
        }
    }

    [Fact]
    public void ATableForPeople()
    {
        var data = folder.Write("text.txt", string.Concat(Enumerable.Repeat("word ", 40)));
        Assert.Equal(
            "predicted      199 tokens\n               40 words\n               199 bytes\nloss           5.5452 nats per token\n"
            + "perplexity     256.000 per token\n"
            + "               9.57181E+11 per word\n               256.000 per byte\nbits per byte  8.0000\n",
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
    [InlineData("--limit is 1", "--limit", "1")]
    [InlineData("--end-of-text belongs to --task text", "--task", "cbt", "--data", "x", "--end-of-text")]
    [InlineData("--end-of-text can mean nothing", "--data", "text.txt", "--end-of-text")]
    [InlineData("'none' does not exist", "--task", "hellaswag", "--data", "none")]
    [InlineData("line 1 is no JSON object", "--task", "hellaswag", "--data", "text.txt")]
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
