using GptGen.Finetuning;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Whenever a fine-tuning is killed, its folder is a model that can be used or none, and does not stand in the way of the next.</summary>
public sealed class FinetuneKillTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AKilledFinetuningLeavesAModelOrNone()
    {
        var data = folder.Write(
            "data.tsv",
            "text\tlabel\n"
            + string.Concat(Enumerable.Range(0, 40).Select(static i => $"a{i} {(i % 2 == 0 ? "good" : "bad")}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        // One epoch after another, the loss falls and each evaluation keeps its weights.
        string[] arguments = [
            "finetune", "--task", "classification", "--from-scratch", "--data", data, "--length", "16", "--batch", "4", "--evaluations", "9",
            "--best-by", "loss", "--learning-rate", "1e-3"];
        var (used, begun) = (0, 0);
        for (var moment = 0; moment < 6; moment++)
        {
            var model = folder.File($"model-{moment}");
            var wait = System.Diagnostics.Stopwatch.StartNew();
            CommandLine.KillWhen(() => IsMoment(model, moment, wait), [.. arguments, "--epochs", "100000", "--out", model]);
            if (FinetunedTask.IsIn(model))
            {
                used++;
                Assert.StartsWith("example\tprediction", CommandLine.Succeed("predict", "--weights", model, "--text", "a0 good"));
                continue;
            }

            begun++;
            Assert.Contains("it has no task.json", CommandLine.Fail("predict", "--weights", model, "--text", "a0 good"));
            CommandLine.Succeed([.. arguments, "--epochs", "1", "--out", model]);
            Assert.StartsWith("example\tprediction", CommandLine.Succeed("predict", "--weights", model, "--text", "a0 good"));
        }

        Assert.True(used > 0 && begun > 0, $"{used} were killed with a model, {begun} without.");
    }

    /// <summary>A fine-tuning that failed with its weights written is begun anew, whoever was refused or failed in the folder in between.</summary>
    [Fact]
    public void AFailedFinetuningDoesNotBlockItsFolder()
    {
        var data = folder.Write(
            "data.csv", "text,label\n" + string.Concat(Enumerable.Range(0, 8).Select(static i => $"good {i},pos\nbad {i},neg\n")));
        var model = folder.File("model");
        string[] arguments = ["finetune", "--task", "classification", "--from-scratch", "--epochs", "1", "--length", "16", "--out", model, "--data"];
        var obstacle = Path.Combine(model, "config.json");
        Directory.CreateDirectory(obstacle);
        Assert.Contains("config.json", CommandLine.Fail([.. arguments, data]));
        Assert.True(File.Exists(Path.Combine(model, "model.safetensors")));
        Directory.Delete(obstacle);
        Assert.Contains("holds the weights of a model", CommandLine.Fail("train", "--data", data, "--out", model));
        Assert.Contains("nowhere.csv", CommandLine.Fail([.. arguments, "nowhere.csv"]));
        CommandLine.Succeed([.. arguments, data]);
        Assert.False(File.Exists(Path.Combine(model, ".lock")));
        Assert.StartsWith("example\tprediction", CommandLine.Succeed("predict", "--weights", model, "--text", "good 0"));
        Assert.Contains("holds a fine-tuned model already", CommandLine.Fail([.. arguments, data]));
    }

    /// <summary>From before the first file to some evaluations later; the moments between two files are the first to be hit.</summary>
    private static bool IsMoment(string model, int moment, System.Diagnostics.Stopwatch wait)
    {
        var names = Directory.Exists(model) ? Directory.EnumerateFileSystemEntries(model).Select(static path => Path.GetFileName(path)).ToList() : [];
        return moment switch
        {
            0 => wait.ElapsedMilliseconds > 30,
            1 => names.Exists(static name => name.StartsWith(".model.safetensors", StringComparison.Ordinal)),
            2 => names.Contains("model.safetensors"),
            3 => names.Contains("config.json"),
            4 => names.Contains(FinetunedTask.FileName),
            _ => names.Contains(FinetunedTask.FileName) && names.Exists(
                static name => name.StartsWith(".model.safetensors", StringComparison.Ordinal)),
        };
    }
}
