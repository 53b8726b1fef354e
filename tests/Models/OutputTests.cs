using System.Diagnostics;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Output goes where it was told, as it was told, and a run outlives it.</summary>
public sealed class OutputTests(TrainedFixture trained) : IClassFixture<TrainedFixture>
{
    [Theory]
    [InlineData("exec \"$@\" > /dev/full", "No space left on device")]
    [InlineData("\"$@\" | head -1 > /dev/null; exit ${PIPESTATUS[0]}", "Broken pipe")]
    [InlineData("exec \"$@\" >&-", "Bad file descriptor")]
    public void ATrainingOutlivesItsOutputAndSaysSo(string script, string cause)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no device that is always full.");
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        var result = CommandLine.Shell(script, TinyRun.Arguments(trained.Data, run, steps: 4, saveEvery: 0));
        Assert.Single(Directory.GetFiles(run, "step-000004*"));
        Assert.Equal(4, File.ReadAllLines(Path.Combine(run, "log.jsonl")).Length);
        // With no descriptor the system may give its number to another file, or not.
        if (script.EndsWith("-", StringComparison.Ordinal) && result.ExitCode == 0)
            return;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"note: the run goes on without this: The output cannot be written ({cause})", result.Error);
        Assert.Contains("error: The run is complete and saved, but some of its lines are lost", result.Error);
        // No space helps against a reader that has ended.
        Assert.Equal(cause != "Broken pipe", result.Error.Contains("free some space", StringComparison.Ordinal));
    }

    /// <summary>A file that outgrows what this user may write is a message, not the end of the process by a signal.</summary>
    [Theory]
    [InlineData("convert --weights RUN --out OUT/model.safetensors")]
    [InlineData("train --data TEXT --steps 2 --batch 2 --length 16 --out OUT")]
    public void AFileBeyondTheUsersLimitIsAMessage(string command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no ulimit.");
        using var folder = new TemporaryFolder();
        var target = folder.File("out");
        Directory.CreateDirectory(target);
        var arguments = command.Split(' ').Select(word => word.Replace("RUN", trained.Run).Replace("OUT", target).Replace("TEXT", trained.Data))
            .ToArray();
        // The runtime's own pages count as a file where it maps them twice.
        var result = CommandLine.Shell("export DOTNET_EnableWriteXorExecute=0; ulimit -f 1000; exec \"$@\"", arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error: Cannot write '", result.Error);
        Assert.DoesNotContain(
            Directory.GetFiles(target),
            static path => path.EndsWith(".tmp", StringComparison.Ordinal) || path.EndsWith(".safetensors", StringComparison.Ordinal));
    }

    /// <summary>A file system of 8 kB takes the place of a full disk under the log alone.</summary>
    [Fact]
    public void ATrainingOutlivesItsLogAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        var (disk, run) = (folder.File("disk"), folder.File("run"));
        Directory.CreateDirectory(disk);
        Directory.CreateDirectory(run);
        Assert.SkipUnless(
            CommandLine.Shell($"mount -t tmpfs -o size=8k none '{disk}' 2>/dev/null").ExitCode == 0, "No file system can be mounted here.");
        try
        {
            File.CreateSymbolicLink(Path.Combine(run, "log.jsonl"), Path.Combine(disk, "log.jsonl"));
            var result = CommandLine.Run(TinyRun.Arguments(trained.Data, run, steps: 90, saveEvery: 0));
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("log.jsonl' cannot be written", result.Error);
            Assert.Contains("error: The run is complete and saved", result.Error);
            Assert.Single(Directory.GetFiles(run, "step-000090*"));
        }
        finally
        {
            CommandLine.Shell($"umount '{disk}'");
        }
    }

    [Theory]
    [InlineData("models --json")]
    [InlineData("generate --weights RUN --prompt a --tokens 3 --json")]
    [InlineData("summarize --weights RUN --text a --tokens 3 --json")]
    [InlineData("evaluate --weights RUN --data TEXT --json")]
    [InlineData("features --weights RUN --prompt a")]
    [InlineData("doctor --json")]
    public void WithJsonThereIsNothingElseOnStandardOutput(string command)
    {
        var arguments = command.Split(' ').Select(word => word switch { "RUN" => trained.Run, "TEXT" => trained.Data, _ => word }).ToArray();
        var output = CommandLine.Run(arguments).Output;
        var reader = new System.Text.Json.Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(output), new() { AllowMultipleValues = true });
        while (reader.Read())
        {
        }

        Assert.NotEqual("", output);
    }

    [Fact]
    public void PredictionsGoToStandardOutputAsTheyAre()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no /dev.");
        using var folder = new TemporaryFolder();
        var data = folder.Write("data.csv", "text,label\ngood,pos\nbad,neg\nfine,pos\nill,neg\n");
        var model = folder.File("model");
        CommandLine.Succeed(
            "finetune", "--task", "classification", "--from-scratch", "--data", data, "--validation", data, "--epochs", "1", "--batch", "4",
            "--length", "8", "--out", model);
        string[] predict = ["predict", "--weights", model, "--data", data, "--out"];
        CommandLine.Succeed([.. predict, folder.File("table.tsv")]);
        var table = File.ReadAllText(folder.File("table.tsv"));
        Assert.StartsWith("example\tprediction\t", table);
        var output = folder.File("output.tsv");
        // Another line of the same script stands before and behind.
        var result = CommandLine.Shell($"(echo before; \"$@\"; echo behind) > '{output}'", [.. predict, "/dev/stdout"]);
        Assert.Equal($"before\n{table}behind\n", File.ReadAllText(output));
        Assert.Contains("written: /dev/stdout", result.Error);
        Assert.Equal(table, CommandLine.Shell("\"$@\" | cat", [.. predict, "/dev/stdout"]).Output);
        Assert.Equal(
            table,
            CommandLine.Shell($"mkfifo '{output}.pipe'; cat '{output}.pipe' & \"$@\" > /dev/null; wait", [.. predict, output + ".pipe"]).Output);
    }

    [Fact]
    public void ATextIsReadFromStandardInputAsFromAFile()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no /dev.");
        string[] evaluate = ["evaluate", "--weights", trained.Run, "--json", "--data"];
        var expected = CommandLine.Succeed([.. evaluate, trained.Data]);
        Assert.Equal(expected, CommandLine.Shell($"\"$@\" < '{trained.Data}'", [.. evaluate, "/dev/stdin"]).Output);
        Assert.Equal(expected, CommandLine.Shell($"cat '{trained.Data}' | \"$@\"", [.. evaluate, "/dev/stdin"]).Output);
        string[] summarize = ["summarize", "--weights", trained.Run, "--tokens", "5"];
        Assert.Equal(
            CommandLine.Succeed([.. summarize, "--file", trained.Data]), CommandLine.Shell($"cat '{trained.Data}' | \"$@\"", summarize).Output);
    }
}
