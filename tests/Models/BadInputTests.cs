using System.Diagnostics;
using GptGen.Checkpoints;
using GptGen.Text;
using Xunit;

namespace GptGen.Models.Tests;

public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>What an encoder-decoder does not do is said, whatever the command.</summary>
    [Theory]
    [InlineData("generate --prompt x", "seq2seq-mini-4k translates and does not write on: use a GPT model, or 'gptgen translate' with this one.")]
    [InlineData("features --prompt x --tokenizer bytes", "seq2seq-mini-4k translates and does not write on: use a GPT model")]
    [InlineData("evaluate --data {weights}/config.json --tokenizer bytes", "seq2seq-mini-4k translates: evaluate it with --task translation.")]
    [InlineData("fill --prompt x", "seq2seq-mini-4k translates and fills no gaps: use a BERT model.")]
    [InlineData(
        "train --data {weights}/config.json --tokenizer bytes --length 8 --out {weights}/run",
        "seq2seq-mini-4k learns from pairs of texts: give a file with --pairs; 'gptgen pairs' writes one.")]
    public void AnEncoderDecoderIsNoOtherModel(string command, string message)
    {
        using (var device = new CpuDevice())
        using (var model = Seq2SeqMini4K.Create(device))
            ModelCheckpoint.Save(model, folder.File("m"));
        var isTraining = command.StartsWith("train", StringComparison.Ordinal);
        string[] named = ["--model", "seq2seq-mini-4k", .. isTraining ? Array.Empty<string>() : ["--weights", folder.File("m")]];
        Assert.Contains(message, CommandLine.Fail([.. command.Replace("{weights}", folder.File("m")).Split(' '), .. named]));
    }

    [Fact]
    public void AnUnknownOptionIsNamed() => Assert.Contains("'--colour'", CommandLine.Fail("models", "--colour"));

    [Theory]
    [InlineData("--steps is 'ten', but must be a whole number", "train", "--steps", "ten")]
    [InlineData("--temperature is '0,8', but must be a number", "generate", "--temperature", "0,8")]
    [InlineData("--seed is '-1'", "generate", "--seed", "-1")]
    [InlineData("--schedule is 'steep', but must be one of cosine, linear, constant, inverse-sqrt", "train", "--schedule", "steep")]
    [InlineData("--type is '7'", "convert", "--out", "x", "--type", "7")]
    [InlineData("--type is 'f32,bf16', but must be one of f32, f16, bf16", "convert", "--out", "x", "--type", "f32,bf16")]
    [InlineData("--schedule is 'cosine,linear'", "train", "--schedule", "cosine,linear")]
    [InlineData("--task is 'lambada,cbt'", "evaluate", "--task", "lambada,cbt")]
    [InlineData("--task is '+2'", "evaluate", "--task", "+2")]
    [InlineData("--task is ' cbt'", "evaluate", "--task", " cbt")]
    [InlineData("--task is 'classification|choice'", "finetune", "--data", "x", "--task", "classification|choice")]
    [InlineData("--best-by is '1'", "finetune", "--data", "x", "--task", "choice", "--best-by", "1")]
    [InlineData("--device is 'cpu,cuda'", "generate", "--device", "cpu,cuda")]
    [InlineData("'--out' is required", "convert")]
    [InlineData("'nonsense'", "nonsense")]
    [InlineData("--device is 'tpu', but must be one of cpu, cuda, auto", "train", "--data", "/dev/null", "--out", "none", "--device", "tpu")]
    [InlineData("--batch is 2000000000, but must be at most", "train", "--batch", "2000000000")]
    [InlineData("this machine has", "train", "--batch", "8000000")]
    [InlineData("empty path: name a folder with --out", "train", "--out", "")]
    [InlineData("give one of them", "train", "--weights", "none", "--resume", "--out", "none")]
    public void AWrongOptionIsNamed(string cause, params string[] arguments) => Assert.Contains(cause, CommandLine.Fail(arguments));

    [Fact]
    public void TextTooShortForAWindowIsRefused() => TrainingFails("too short"u8.ToArray(), "--length");

    [Fact]
    public void TokensBeyondTheTokenizersAreNamedBeforeTrainingBegins()
    {
        var path = folder.File("train.bin");
        TokenFile.Write(path, [.. Enumerable.Range(0, 2000).Select(static at => at == 1500 ? 300 : 7)], TokenFileFormat.NanoGpt);
        var message = CommandLine.Fail("train", "--data", path, "--out", folder.File("run"));
        Assert.Contains("token 300 at position 1500", message);
        Assert.Contains("--tokenizer", message);
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void WeightsOfAnotherModelAreRefused()
    {
        var path = folder.File("small.safetensors");
        using (var device = new CpuDevice(1))
        using (var model = Gpt2Nano.Create(device))
            GptGen.Checkpoints.ModelCheckpoint.Save(model, path);
        Assert.Contains(path, CommandLine.Fail("generate", "--model", "gpt2-mini", "--weights", path));
    }

    [Theory]
    [InlineData("evaluate", "--json")]
    [InlineData("features", "--prompt", "a")]
    [InlineData("generate", "--prompt", "a", "--json")]
    public void WeightsThatAreNoNumbersAreNamed(string command, params string[] more)
    {
        var path = folder.File("weights.safetensors");
        using (var device = new CpuDevice(1))
        using (var model = Gpt2Nano.Create(device))
        {
            model.Initialize(seed: 1);
            model.Parameters.Write(0, Enumerable.Repeat(float.NaN, 256 * model.Description.Width).ToArray());
            GptGen.Checkpoints.ModelCheckpoint.Save(model, path);
        }

        string[] data = command == "evaluate" ? ["--data", folder.Write("text.txt", TinyRun.Text)] : [];
        string[] arguments = [command, "--weights", path, .. data, .. more];
        Assert.Contains("the weights are damaged", CommandLine.Fail(arguments));
        Assert.Equal("", CommandLine.Run(arguments).Output);
    }

    [Fact]
    public void AnEmptyPathIsNoTarget()
    {
        var path = folder.File("weights.safetensors");
        using (var device = new CpuDevice(1))
        using (var model = Gpt2Nano.Create(device))
            GptGen.Checkpoints.ModelCheckpoint.Save(model, path);
        Assert.Contains("empty path", CommandLine.Fail("convert", "--weights", path, "--out", ""));
        var message = CommandLine.Fail("generate", "--weights", path, "--samples", "100000000");
        Assert.Matches(
            "on 100000000 sequences of [0-9]+ positions needs [0-9,]+ MB beside its weights, and [0-9,]+ MB are free; "
            + "there is room for [0-9]+ sequences", message);
        Assert.Contains("fewer --samples", message);
        Assert.Matches("Evaluating .* takes [0-9.,]+ GB", CommandLine.Fail("evaluate", "--weights", path, "--data", path, "--batch", "8000000"));
    }

    /// <summary>Brackets are the markup of the library that draws the progress.</summary>
    [Fact]
    public void BracketsInPathsAreNoMarkup()
    {
        var data = folder.Write("[red]text[.txt", TinyRun.Text);
        var run = folder.File("[bold]");
        Assert.Contains("[red]text[.txt", CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 2, saveEvery: 1)));
        Assert.Contains("[x]", CommandLine.Fail("generate", "--weights", "[x]"));
    }

    /// <summary>A limit on the size of files takes the place of a full disk.</summary>
    [Fact]
    public void ACheckpointThatDoesNotFitLeavesNothingHalfWritten()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows knows no such limit.");
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        var arguments = string.Join(
            ' ', CommandLine.Program.Concat(TinyRun.Arguments(data, run, steps: 4, saveEvery: 2)).Select(static part => $"'{part}'"));
        var start = new ProcessStartInfo("bash", ["-c", $"ulimit -f 2000; trap '' XFSZ; exec {arguments}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        // The just-in-time compiler's own double mapping of memory would run into the limit.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("step-000002.safetensors", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal([Path.Combine(run, "log.jsonl")], Directory.GetFileSystemEntries(run));
        Assert.Equal(2, File.ReadAllLines(Path.Combine(run, "log.jsonl")).Length);
    }

    [Fact]
    public void OutputThatCannotBeWrittenIsAnError()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no device that is always full.");
        var start = new ProcessStartInfo("bash", ["-c", $"'{string.Join("' '", CommandLine.Program)}' models > /dev/full"])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        Assert.StartsWith("error: The output cannot be written", process.StandardError.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
    }

    [Fact]
    public void AnUnknownModelIsAnsweredWithTheKnownOnes() =>
        Assert.Contains("gpt2-nano", CommandLine.Fail("generate", "--model", "gpt9"));

    [Fact]
    public void MissingWeightsAreNamed() =>
        Assert.Contains(folder.File("none"), CommandLine.Fail("generate", "--weights", folder.File("none")));

    [Fact]
    public void CorruptWeightsAreRefused()
    {
        var path = folder.Write("bad.safetensors", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        Assert.Contains(path, CommandLine.Fail("convert", "--weights", path, "--out", folder.File("out.safetensors")));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AnEmptyTextCannotBeTrainedOn() => TrainingFails([], "text.txt");

    [Fact]
    public void TextThatIsNotUtf8CannotBeTrainedOn() => TrainingFails([(byte)'a', 0xFF, 0xFE, (byte)'b'], "UTF-8");

    [Fact]
    public void SequencesBeyondTheContextCannotBeTrainedOn() =>
        TrainingFails(System.Text.Encoding.UTF8.GetBytes(TinyRun.Text), "--length", "--length", "65");

    [Fact]
    public void AFolderThatCannotBeMadeIsNamed()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        Assert.Contains("--out", CommandLine.Fail(TinyRun.Arguments(data, Path.Combine(data, "run"), steps: 2, saveEvery: 1)));
        Assert.Equal([data], Directory.GetFileSystemEntries(folder.Path));
    }

    private void TrainingFails(byte[] text, string cause, params string[] more)
    {
        var data = folder.Write("text.txt", text);
        string[] arguments = ["train", "--data", data, "--out", folder.File("run"), "--steps", "1", .. more];
        Assert.Contains(cause, CommandLine.Fail(arguments));
        Assert.Equal([data], Directory.GetFileSystemEntries(folder.Path));
    }
}
