using System.Text.Json;
using GptGen.Training;
using Xunit;

namespace GptGen.Models.Tests.Training;

/// <summary>Event files, by a reader of their own: what TensorBoard would show.</summary>
public sealed class TensorBoardLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The vector of TensorBoard's own test of its framing (tensorboard/compat/tensorflow_stub/pywrap_tensorflow.py).</summary>
    [Fact]
    public void TheReaderHasTensorBoardsChecksum() =>
        Assert.Equal(0x5794D08Au, TensorBoardEvents.MaskedChecksum([0x1A, 0x11, .. "CRC test, one two"u8]));

    [Fact]
    public void AFileBeginsAsTensorBoardExpects()
    {
        using (var log = new TensorBoardLog(folder.File("events"), stepsDone: 0))
            log.Write(new(1, 2.5, 0.75, 1e-3, 0.5, 2.25) { Rows = 64, Metrics = [new("accuracy", 0.5)] });
        var file = Assert.Single(Directory.GetFiles(folder.File("events")));
        Assert.Matches(@"^events\.out\.tfevents\.\d{10}\..+\.\d+\.0$", Path.GetFileName(file));
        var events = TensorBoardEvents.Read(file);
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal((1, true), (events[1].Step, events[1].IsStart));
        Assert.Equal(1, events[2].Step);
        Assert.InRange(events[2].WallTime, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.Equal(
            new()
            {
                ["loss/train"] = 2.5f, ["loss/validation"] = 2.25f, ["validation/accuracy"] = 0.5f, ["learning_rate"] = 1e-3f,
                ["gradient_norm"] = 0.75f, ["tokens_per_second"] = 128,
            },
            events[2].Values);
        Assert.Equal(3, events.Count);
    }

    [Fact]
    public void LongNamesLateStepsAndNumbersThatAreNoneAreKept()
    {
        using (var log = new TensorBoardLog(folder.Path, stepsDone: 0))
        {
            log.Add(new('ü', 200), double.NaN);
            log.Add("b", double.NegativeInfinity);
            log.WriteStep(int.MaxValue);
            log.WriteStep(1);
        }

        var events = TensorBoardEvents.Read(Assert.Single(Directory.GetFiles(folder.Path)));
        Assert.Equal(new() { [new('ü', 200)] = float.NaN, ["b"] = float.NegativeInfinity }, events[2].Values);
        Assert.Equal(int.MaxValue, events[2].Step);
        Assert.Empty(events[3].Values);
    }

    /// <summary>
    /// The command's option, which a run remembers, and the values of the run's log; what ran after the last checkpoint before an end is taken back.
    /// </summary>
    [Fact]
    public void ARunThatGoesOnHasEachStepOnce()
    {
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, 4, 2, "--tensorboard"));
        CommandLine.Succeed("train", "--resume", Path.Combine(run, "step-000002.safetensors"), "--steps", "6", "--threads", "2");
        var files = Directory.GetFiles(run, "*tfevents*").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, files.Count);
        var shown = new SortedDictionary<int, Dictionary<string, float>>();
        foreach (var happened in files.SelectMany(TensorBoardEvents.Read))
        {
            if (happened.IsStart)
            {
                foreach (var step in shown.Keys.Where(step => step >= happened.Step).ToList())
                    shown.Remove(step);
            }
            else if (happened.Values.Count > 0)
            {
                shown.Add(happened.Step, happened.Values);
            }
        }

        var lines = File.ReadAllLines(Path.Combine(run, TrainingLog.FileName)).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([1, 2, 3, 4, 5, 6], shown.Keys);
        Assert.Equal(lines.Select(static line => line.GetProperty("loss").GetSingle()), shown.Values.Select(static values => values["loss/train"]));
        Assert.Equal(
            lines.Select(static line => line.GetProperty("gradient_norm").GetSingle()),
            shown.Values.Select(static values => values["gradient_norm"]));
        Assert.Equal(
            lines.Where(static line => line.TryGetProperty("validation_loss", out _)).Select(static line => line.GetProperty("step").GetInt32()),
            shown.Where(static pair => pair.Value.ContainsKey("loss/validation")).Select(static pair => pair.Key));
        Assert.All(shown.Values, static values => Assert.True(values["tokens_per_second"] > 0 && values["learning_rate"] > 0));

        // Its own folder may move; one that was named stays where it is.
        var moved = folder.File("moved");
        Directory.Move(run, moved);
        CommandLine.Succeed("train", "--resume", "--out", moved, "--steps", "7", "--threads", "2", "--tensorboard", folder.File("events"));
        CommandLine.Succeed("train", "--resume", "--out", moved, "--steps", "8", "--threads", "2");
        Assert.Equal(2, Directory.GetFiles(moved, "*tfevents*").Length);
        Assert.Equal(2, Directory.GetFiles(folder.File("events"), "*tfevents*").Length);
    }

    [Fact]
    public void AFolderThatCannotBeIsOneLine()
    {
        var (data, file) = (folder.Write("text.txt", TinyRun.Text), folder.Write("file", ""));
        var error = CommandLine.Fail([.. TinyRun.Arguments(data, folder.File("run"), 2, 1), "--tensorboard", file]);
        Assert.Contains($"TensorBoard's events cannot be written to '{file}'", error);
    }
}
