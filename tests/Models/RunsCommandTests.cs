using System.Globalization;
using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary><c>gptgen runs</c> tells of logs what they say, and refuses what is none.</summary>
public sealed class RunsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void RunsStandSideBySide()
    {
        var (first, second) = (Log("first", (1, 4, null), (2, 2, 2.5), (3, 1, 2.75)), Log("second", (1, 3, null), (2, null, null)));
        // The end of a line that is being written.
        File.AppendAllText(Path.Combine(second, "log.jsonl"), "{\"step\":3,\"lo");
        var picture = folder.File("runs.svg");
        var lines = CommandLine.Succeed("runs", first, second + "/", "--out", picture).Split('\n');
        Assert.Equal(["3", "3.755", "2.750", "2.500", "2"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]);
        Assert.Equal(["2", "3.000"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]);
        var svg = File.ReadAllText(picture);
        Assert.Contains(first, svg);
        Assert.Contains(second, svg);
        Assert.DoesNotContain("NaN", svg);

        using var json = JsonDocument.Parse(CommandLine.Succeed("runs", first, second, "--json"));
        Assert.Equal(2.5, json.RootElement[0].GetProperty("lowest_validation_loss").GetDouble());
        Assert.Equal(2, json.RootElement[0].GetProperty("lowest_after_step").GetInt32());
        Assert.Equal(JsonValueKind.Null, json.RootElement[1].GetProperty("validation_loss").ValueKind);
    }

    [Fact]
    public void WhatIsNoRunIsRefused()
    {
        Assert.Contains("There is no log of a training run", CommandLine.Fail("runs", folder.Path));
        folder.Write("log.jsonl", "{\"other\":1}\n");
        Assert.Contains("is no log of a training run", CommandLine.Fail("runs", folder.Path));
        Assert.Contains(folder.Path, CommandLine.Fail("runs", Log("a", (1, 2, null)), "--out", folder.Path));
    }

    private string Log(string run, params (int Step, double? Loss, double? Validation)[] steps)
    {
        Directory.CreateDirectory(folder.File(run));
        folder.Write($"{run}/log.jsonl", string.Concat(steps.Select(static step =>
            $"{{\"step\":{step.Step},\"loss\":{Number(step.Loss)}"
            + $"{(step.Validation is null ? "" : $",\"validation_loss\":{Number(step.Validation)}")}}}\n")));
        return folder.File(run);

        static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "null";
    }
}
