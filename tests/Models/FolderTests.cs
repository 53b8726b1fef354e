using GptGen.Checkpoints;
using GptGen.Text;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>A folder has a kind: what its weights are, and what may be written into it, as a user sees it.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Neither is another's file written over through a link, nor a pipe waited for.</summary>
    [Theory]
    [InlineData(".lock", "ln -s ../text.txt")]
    [InlineData(".lock", "ln -s nowhere")]
    [InlineData(".lock", "mkfifo")]
    [InlineData(".lock", "mkdir")]
    [InlineData("log.jsonl", "mkfifo")]
    public void WhatIsNoFileInAFilesPlaceIsNamed(string name, string make)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other links and pipes.");
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        Directory.CreateDirectory(run);
        CommandLine.Shell($"{make} '{Path.Combine(run, name)}'");
        Assert.Matches($"{name}' is (there already and is )?no file", CommandLine.Fail(TinyRun.Arguments(data, run, steps: 2, saveEvery: 0)));
        Assert.Equal(TinyRun.Text, File.ReadAllText(data));
        Assert.Equal([Path.Combine(run, name)], Directory.GetFileSystemEntries(run));
    }

    /// <summary>By whatever command it is read, a damaged checkpoint's message names the sound one before it.</summary>
    [Theory]
    [InlineData("train", "--resume", "--out")]
    [InlineData("generate", "--weights")]
    [InlineData("convert", "--out", "nowhere", "--weights")]
    public void ATruncatedCheckpointNamesTheSoundOneBeforeIt(params string[] command)
    {
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 2, saveEvery: 1));
        using (var file = File.OpenWrite(Path.Combine(run, "step-000002.safetensors")))
            file.SetLength(file.Length - 5);
        Assert.Matches("step-000001.safetensors', is sound", CommandLine.Fail([.. command, run]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheNewestCheckpointCountsAndNotAnOlderExport(bool beginsWithExport)
    {
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        if (beginsWithExport)
        {
            CommandLine.Succeed(TinyRun.Arguments(data, folder.File("first"), steps: 2, saveEvery: 0));
            CommandLine.Succeed("convert", "--weights", folder.File("first"), "--out", run);
            CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 2, saveEvery: 0, "--weights", run));
        }
        else
        {
            CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 2, saveEvery: 0));
            var converted = CommandLine.Run("convert", "--weights", run, "--out", run);
            Assert.Equal(0, converted.ExitCode);
            Assert.Contains("its newest checkpoint goes on counting", converted.Error);
        }

        CommandLine.Succeed("train", "--resume", "--out", run, "--steps", "6");
        string Features(string weights) => CommandLine.Succeed("features", "--weights", weights, "--prompt", "a");
        Assert.Equal(Features(Path.Combine(run, "step-000006.safetensors")), Features(run));
        Assert.NotEqual(Features(Path.Combine(run, "model.safetensors")), Features(run));
        var note = CommandLine.Run("features", "--weights", run, "--prompt", "a").Error;
        Assert.StartsWith("note: ", note);
        Assert.Contains("step-000006.safetensors", note);
        Assert.Contains("not model.safetensors", note);
    }

    [Fact]
    public void WhatWouldLoseSomethingIsRefused()
    {
        var (data, run, hub) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"), folder.File("hub"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 2, saveEvery: 1));
        CommandLine.Succeed("convert", "--weights", run, "--out", hub);
        var checkpoint = Path.Combine(run, "step-000002.safetensors");
        var table = folder.Write("data.tsv", "text\tlabel\na\tx\nb\ty\nc\tx\nd\ty\n");
        var before = Snapshot();
        Refused("is itself what is converted", "convert", "--weights", hub, "--out", hub, "--type", "F16");
        Refused("is itself what is converted", "convert", "--weights", checkpoint, "--out", checkpoint);
        Refused("is a checkpoint", "convert", "--weights", hub, "--out", checkpoint);
        Refused("folder of a training run", "convert", "--weights", hub, "--out", run);
        Refused("holds the weights of a model", TinyRun.Arguments(data, hub, steps: 2, saveEvery: 0));
        Refused("holds the weights of a model", TinyRun.Arguments(data, hub, steps: 2, saveEvery: 0, "--weights", run));
        Refused("holds the weights of a model", "tokenizer", "train", "--data", data, "--out", hub);
        Refused("folder of a training run", "tokenizer", "train", "--data", data, "--out", run);
        Refused("folder of a training run", "finetune", "--task", "classification", "--data", table, "--weights", run, "--out", run);
        Refused("holds the weights of a model", "finetune", "--task", "classification", "--data", table, "--weights", hub, "--out", hub);
        Refused("would be overwritten", TinyRun.Arguments(Path.Combine(run, "log.jsonl"), run, steps: 2, saveEvery: 0, "--resume"));
        Refused("has no training checkpoint", "train", "--resume", "--out", folder.File("none"));

        void Refused(string reason, params string[] arguments)
        {
            Assert.Contains(reason, CommandLine.Fail(arguments));
            Assert.Equal(before, Snapshot());
        }

        List<(string, long, DateTime)> Snapshot() =>
            [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Order().Select(
                static path => (path, new FileInfo(path).Length, File.GetLastWriteTimeUtc(path)))];
    }

    [Fact]
    public void SomebodysLogIsNotOverwritten()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        folder.Write("run/log.jsonl", "{\"level\":\"info\"}\n");
        Assert.Contains("is no log of a training run", CommandLine.Fail(TinyRun.Arguments(data, folder.File("run"), steps: 2, saveEvery: 0)));
        Assert.Equal("{\"level\":\"info\"}\n", File.ReadAllText(folder.File("run/log.jsonl")));
    }

    [Fact]
    public void ADamagedNewestCheckpointNamesTheOneToResumeFrom()
    {
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, steps: 4, saveEvery: 2));
        var (older, newest) = (Path.Combine(run, "step-000002.safetensors"), Path.Combine(run, "step-000004.safetensors"));
        var whole = File.ReadAllBytes(newest);
        File.WriteAllBytes(newest, whole[..^1000]);
        Assert.Contains(
            $"'{older}', is sound: name that file ('train --resume FILE' continues it)", CommandLine.Fail("train", "--resume", "--out", run));
        whole[^2000] ^= 4;
        File.WriteAllBytes(newest, whole);
        Assert.Contains(
            $"'{older}', is sound: name that file ('train --resume FILE' continues it)", CommandLine.Fail("train", "--resume", "--out", run));
        Assert.Contains("its checksum differs", CommandLine.Fail("features", "--weights", run, "--prompt", "a"));
        Assert.Contains("continuing after step 2", CommandLine.Succeed("train", "--resume", older));
        Assert.True(File.Exists(Path.Combine(run, "abandoned-step-000004.safetensors")));
    }

    [Fact]
    public void AKilledFinetuningIsBegunAnew()
    {
        var data = folder.Write(
            "data.tsv",
            "text\tlabel\n"
            + string.Concat(Enumerable.Range(0, 400).Select(static i => $"a{i} {(i % 2 == 0 ? "good" : "bad")}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        var model = folder.File("model");
        string[] Arguments(int epochs) =>
            [
                "finetune", "--task", "classification", "--from-scratch", "--data", data, "--epochs", $"{epochs}", "--length", "16", "--evaluations",
                "20", "--out", model];
        CommandLine.KillOnce(Path.Combine(model, "model.safetensors"), Arguments(1000));
        // As a kill in the middle of a save leaves it.
        folder.Write($"model/.model.safetensors.{new string('a', 32)}.tmp", "unfinished");
        var again = CommandLine.Run(Arguments(1));
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("note: ", again.Error);
        Assert.Empty(Directory.GetFiles(model, ".*"));
        Assert.Contains("holds a fine-tuned model already", CommandLine.Fail(Arguments(1)));
    }

    /// <summary>Ctrl-C in the evaluation after the last step.</summary>
    [Fact]
    public void AnInterruptedLastEvaluationIsMadeUp()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal to send.");
        var random = new Random(1);
        Directory.CreateDirectory(folder.File("data"));
        foreach (var (name, count) in new[] { ("train.bin", 1000), ("val.bin", 6000) })
            TokenFile.Write(folder.File($"data/{name}"), [.. Enumerable.Range(0, count).Select(_ => random.Next(256))], TokenFileFormat.NanoGpt);
        string[] Arguments(string run) =>
            [.. TinyRun.Arguments(folder.File("data"), folder.File(run), steps: 3, saveEvery: 0), "--evaluate-every", "0"];
        CommandLine.Succeed(Without(Arguments("whole")));
        var log = Path.Combine(folder.File("stopped"), "log.jsonl");
        var result = CommandLine.InterruptOnce(
            () => File.Exists(log) && File.ReadAllText(log).Count(static character => character == '\n') == 2, Without(Arguments("stopped")));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(2, File.ReadAllLines(log).Length);
        CommandLine.Succeed("train", "--resume", "--out", folder.File("stopped"));
        foreach (var name in (string[])["step-000003.safetensors", "loss.svg"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("whole"), name)), File.ReadAllBytes(Path.Combine(folder.File("stopped"), name)));
        Assert.Contains("\"validation_loss\":", File.ReadAllLines(log)[2]);
    }

    /// <summary>The arguments with the first "--evaluate-every" and its value left out, which may be given once only.</summary>
    private static string[] Without(string[] arguments)
    {
        var at = Array.IndexOf(arguments, "--evaluate-every");
        return [.. arguments[..at], .. arguments[(at + 2)..]];
    }
}
