using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>A comparison that several processes make together, and one completes.</summary>
public sealed class MpiCompareTests : IDisposable
{
    private static readonly string[] s_measures = ["bits_per_byte", "entailment", "zero_shot_entailment"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TwoProcessesFindWhatOneFindsUpToRoundingAndOneAddsTheSpeeds()
    {
        Launcher.Require(Launcher.Mpich);
        CommandLine.Succeed(Arguments("one"));
        var output = Launcher.Succeed(Launcher.Mpich, 2, Arguments("two"));
        Assert.Single(output.Split('\n'), static line => line.StartsWith("| system", StringComparison.Ordinal));
        Assert.Contains("- GPT-1: trained by 2 processes.", output);
        var (one, two) = (Numbers("one"), Numbers("two"));
        foreach (var measure in s_measures)
            Assert.Equal(one["GPT-1"][measure], two["GPT-1"][measure], 1e-3);
        Assert.Equal(one["Transformer-XL"]["bits_per_byte"], two["Transformer-XL"]["bits_per_byte"], 1e-3);
        Assert.DoesNotContain("training_rate", two["GPT-1"].Keys);

        var completed = CommandLine.Succeed(Arguments("two"));
        Assert.DoesNotContain("parameters, seed", completed);
        var whole = Numbers("two");
        Assert.True(whole["GPT-1"]["training_rate"] > 0);
        foreach (var measure in s_measures)
            Assert.Equal(two["GPT-1"][measure], whole["GPT-1"][measure]);
    }

    [Fact]
    public void ProcessesWithoutTheFolderOfTheFirstSaySo()
    {
        Launcher.Require(Launcher.OpenMpi);
        var (here, there) = (Directory.CreateDirectory(folder.File("here")).FullName, Directory.CreateDirectory(folder.File("there")).FullName);
        string[] program = [.. CommandLine.Program, .. Arguments("compare")[..^1], "compare"];
        Assert.Contains("'compare' holds no texts that rank 0 has prepared: --out must name a folder", Launcher.Error(Launcher.Run(
            [Launcher.OpenMpi, "--oversubscribe", "-n", "1", "-wdir", here, .. program, ":", "-n", "1", "-wdir", there, .. program])));
        Assert.Empty(Directory.EnumerateFileSystemEntries(there));
    }

    private string[] Arguments(string name)
    {
        var data = folder.File("text.txt");
        if (!File.Exists(data))
        {
            File.WriteAllText(data, string.Concat(Enumerable.Repeat(TinyRun.Text, 15)));
            foreach (var part in (ReadOnlySpan<string>)["train", "validation", "test"])
            {
                folder.Write(
                    $"tasks/entailment/{part}.tsv",
                    "premise\thypothesis\tlabel\n" + string.Concat(Enumerable.Range(0, 12).Select(
                        static index => $"the wheel turns\tthe {(index % 2 == 0 ? "wheel" : "gear")} turns\t{(index % 2 == 0 ? "yes" : "no")}\n")));
            }
        }

        return
        [
            "compare", "--data", data, "--tasks", folder.File("tasks"), "--steps", "2", "--threads", "1", "--device", "cpu",
            "--systems", "gpt-1", "transformer-xl", "--out", folder.File(name),
        ];
    }

    private Dictionary<string, Dictionary<string, double>> Numbers(string name)
    {
        using var record = JsonDocument.Parse(File.ReadAllText(folder.File($"{name}/comparison.json")));
        return record.RootElement.GetProperty("systems").EnumerateObject().ToDictionary(
            static system => system.Name,
            static system => system.Value.EnumerateObject().ToDictionary(static number => number.Name, static number => number.Value.GetDouble()));
    }
}
