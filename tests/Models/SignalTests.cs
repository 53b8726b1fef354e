using System.Diagnostics;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Signals: what has something to save saves it, anything else ends within moments, and both say so by their exit code.</summary>
public sealed class SignalTests(TrainedFixture trained) : IClassFixture<TrainedFixture>
{
    /// <summary>The program takes a second; the rest is for machines that do much else.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    [InlineData("QUIT", 131)]
    public void ATrainingSavesWhateverEndsIt(string signal, int exitCode)
    {
        SkipOnWindows();
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        var result = CommandLine.SignalOnce(signal, HasLog(run, lines: 1), EndlessRun(run));
        Assert.Equal(exitCode, result.ExitCode);
        var checkpoint = Assert.Single(Directory.GetFiles(run, "step-*"));
        Assert.Contains(checkpoint, result.Output);
        Assert.Matches(@"interrupted after step \d+: continue with --resume", result.Output);
    }

    [Fact]
    public void UnderNohupATerminalsEndIsIgnored()
    {
        SkipOnWindows();
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        var script = $$"""
            trap '' HUP
            "$@" & id=$!
            trap - HUP
            lines() { cat '{{run}}/log.jsonl' 2>/dev/null | wc -l; }
            until [ "$(lines)" -gt 0 ]; do sleep 0.05; done
            kill -HUP $id; before=$(lines)
            until [ "$(lines)" -gt $((before + 2)) ]; do sleep 0.05; kill -0 $id || exit 1; done
            kill -TERM $id; wait $id
            """;
        var result = CommandLine.Shell(script, EndlessRun(run));
        Assert.Equal(143, result.ExitCode);
        Assert.Single(Directory.GetFiles(run, "step-*"));
    }

    [Theory]
    [InlineData("standard input", "summarize")]
    [InlineData("a pipe that nobody writes", "evaluate", "--data", "PIPE")]
    [InlineData("a pipe that nobody writes", "train", "--data", "PIPE", "--out", "OUT")]
    [InlineData("a step of two milliards of micro-batches", "train", "--data", "TEXT", "--out", "OUT", "--accumulate", "2000000000")]
    [InlineData("text without end", "generate", "--tokens", "2000000000")]
    public void WhateverItWaitsForACommandWithNothingToSaveEndsSoon(string wait, string command, params string[] more)
    {
        SkipOnWindows();
        using var folder = new TemporaryFolder();
        var pipe = folder.File("pipe");
        using (var make = Process.Start("mkfifo", [pipe]))
            make.WaitForExit();
        string[] arguments =
        [
            command, .. command == "train" ? Array.Empty<string>() : ["--weights", trained.Run],
            .. more.Select(word => word switch { "PIPE" => pipe, "OUT" => folder.File("run"), "TEXT" => trained.Data, _ => word }),
        ];
        var started = Stopwatch.StartNew();
        var sent = TimeSpan.Zero;
        var result = CommandLine.SignalOnce(
            "INT",
            () =>
            {
                sent = started.Elapsed;
                return sent > TimeSpan.FromSeconds(3);
            },
            arguments);
        Assert.True(started.Elapsed - sent < s_soon, $"{wait} held the end up for {started.Elapsed - sent}");
        Assert.Equal(130, result.ExitCode);
        Assert.DoesNotContain("error", result.Error);
        Assert.Empty(Directory.GetFiles(folder.Path, "step-*", SearchOption.AllDirectories));
    }

    private string[] EndlessRun(string run) => TinyRun.Arguments(trained.Data, run, steps: 1_000_000, saveEvery: 0);

    private static Func<bool> HasLog(string run, int lines) => () =>
    {
        var log = Path.Combine(run, "log.jsonl");
        return File.Exists(log) && File.ReadLines(log).Count() >= lines;
    };

    private static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send.");
}
