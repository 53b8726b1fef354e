using System.Globalization;
using System.Text.Json;
using GptGen.Finetuning;
using GptGen.Models.Comparison;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The comparison of the article's systems, on a small text and small tasks of its own.</summary>
public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string tasks;

    public CompareCommandTests()
    {
        data = folder.Write("text.txt", string.Concat(Enumerable.Repeat(TinyRun.Text, 15)));
        tasks = folder.File("tasks");
        var entailment = Directory.CreateDirectory(Path.Combine(tasks, "entailment")).FullName;
        foreach (var part in (ReadOnlySpan<string>)["train", "validation", "test"])
        {
            File.WriteAllText(
                Path.Combine(entailment, part + ".tsv"),
                "premise\thypothesis\tlabel\n" + string.Concat(
                    Enumerable.Range(0, 8).Select(static line => $"the {line}th gear\tturns\tyes\nthe {line}th wheel\tgear\tno\n")));
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EachSystemHasItsRowAndSaysWhatItLacks()
    {
        var output = CommandLine.Succeed(Arguments("--systems", "gpt-2", "bert", "transformer-xl", "elmo"));
        var rows = output.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal))
            .ToDictionary(static line => Cells(line)[0], Cells);
        var (measured, nothing) = (@"^[\d,.]+( %)?$", "—");
        Matches(rows["GPT-2"], [measured, measured, measured, measured, "", "", "", measured, "", measured, measured, measured]);
        Matches(rows["BERT"], [measured, nothing, nothing, measured, "", "", "", nothing, nothing, measured, measured, measured]);
        Matches(
            rows["Transformer-XL"],
            [measured, measured, measured, nothing, nothing, nothing, nothing, nothing, nothing, measured, measured, measured]);
        Matches(rows["ELMo"], [measured, measured, measured, measured, "", "", "", nothing, nothing, measured, measured, measured]);
        Assert.Equal("50.0 %", rows["commonest label"][4]);
        Assert.Contains("- BERT has no perplexity a byte; bits a byte: it sees both sides", output);
        Assert.Matches(@"- BERT: of [\d,]+ masked tokens of the text to measure on [\d.]+ % are its first choice", output);
        Assert.Contains("- Transformer-XL: with a memory of 128 rows ", output);
        Assert.Equal(output[output.IndexOf("| system", StringComparison.Ordinal)..output.IndexOf("written:", StringComparison.Ordinal)],
            File.ReadAllText(folder.File("compare/comparison.md")) is var page ? page[page.IndexOf("| system", StringComparison.Ordinal)..] : "");
        Assert.Contains("<svg", File.ReadAllText(folder.File("compare/comparison.svg")));
    }

    [Fact]
    public void WhatIsDoneIsNotDoneAgain()
    {
        using var before = JsonDocument.Parse(CommandLine.Succeed(Arguments("--systems", "gpt-1", "--json")));
        var more = CommandLine.Succeed(Arguments("--systems", "gpt-1", "gpt-2"));
        Assert.DoesNotContain("GPT-1: ", more);
        Assert.Contains("GPT-2: ", more);
        using var after = JsonDocument.Parse(File.ReadAllText(folder.File("compare/comparison.json")));
        Assert.Equal(Number(before.RootElement, "bits_per_byte"), Number(after.RootElement, "bits_per_byte"));
    }

    [Fact]
    public void AKilledComparisonGoesOnToTheSameNumbers()
    {
        CommandLine.KillOnce(folder.File("compare/gpt1-mini-4k/step-000002.safetensors"), Arguments("--systems", "gpt-1"));
        var resumed = CommandLine.Succeed(Arguments("--systems", "gpt-1"));
        CommandLine.Succeed(Arguments("--systems", "gpt-1", "--out", folder.File("whole")));
        Assert.DoesNotContain("step 1/2", resumed);
        using var one = JsonDocument.Parse(File.ReadAllText(folder.File("compare/comparison.json")));
        using var other = JsonDocument.Parse(File.ReadAllText(folder.File("whole/comparison.json")));
        foreach (var measure in (ReadOnlySpan<string>)["bits_per_byte", "entailment", "zero_shot_entailment"])
            Assert.Equal(Number(one.RootElement, measure), Number(other.RootElement, measure));
    }

    [Fact]
    public void BertFillsGapsOfTheTextThatTheOthersPredict()
    {
        CommandLine.Succeed(Arguments("--systems", "gpt-2"));
        File.WriteAllText(folder.File("compare/held-out.txt"), "the gear turns.\nthe wheel turns.\n");
        var output = CommandLine.Succeed(Arguments("--systems", "bert"));
        Assert.Matches(@"- BERT: of [1-4] masked tokens of the text to measure on ", output);
        Assert.Contains("- BERT: of 1 pairs of texts it tells ", output);
    }

    [Fact]
    public void SeveralSeedsGiveMeansOfTheSameComparisons()
    {
        string[] systems = ["--systems", "gpt-1", "elmo"];
        CommandLine.Succeed(Arguments([.. systems, "--seed", "3"]));
        CommandLine.Succeed(Arguments([.. systems, "--seed", "4", "--out", folder.File("other")]));
        CommandLine.KillOnce(
            folder.File("compare/seed-4/elmo-mini-4k/step-000002.safetensors"), Arguments([.. systems, "--seed", "3", "--seeds", "2"]));
        var output = CommandLine.Succeed(Arguments([.. systems, "--seed", "3", "--seeds", "2"]));
        Assert.DoesNotContain("GPT-1: ", output);
        Assert.Contains("; seeds 3, 4: means, and in brackets the lowest and the highest.", output);
        using var both = JsonDocument.Parse(File.ReadAllText(folder.File("compare/comparison.json")));
        using var second = JsonDocument.Parse(File.ReadAllText(folder.File("other/comparison.json")));
        var (one, two) = (both.RootElement, both.RootElement.GetProperty("other_seeds")[0]);
        foreach (var measure in (ReadOnlySpan<string>)["bits_per_byte", "entailment"])
        {
            Assert.Equal(Number(second.RootElement, measure), Number(two, measure));
            Assert.Equal(Number(second.RootElement, measure, "ELMo"), Number(two, measure, "ELMo"));
        }

        var (first, other) = (Number(one, "perplexity_per_byte"), Number(two, "perplexity_per_byte"));
        Assert.NotEqual(first, other);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"| {(first + other) / 2:F3} ({Math.Min(first, other):F3} – {Math.Max(first, other):F3}) |"),
            output);
    }

    [Fact]
    public void WhatIsRoundedOtherwiseIsAnotherComparison()
    {
        var settings = new ComparisonSettings(1, 1, 1, 1, [], null, "cuda");
        Directory.CreateDirectory(folder.File("gpu"));
        ComparisonRecord.Open(folder.File("gpu"), settings).Save(folder.File("gpu"));
        ComparisonRecord.Open(folder.File("gpu"), settings);
        Assert.Contains(
            "of a comparison with other options",
            Assert.Throws<GptGenException>(() => ComparisonRecord.Open(folder.File("gpu"), settings with { Precision = "bf16" })).Message);
    }

    [Fact]
    public void OfEachLabelAShareOfTheExamplesIsDrawn()
    {
        var set = new TaskSet(TaskKind.Classification, Examples(400, 40, 4, 1), Examples(40, 4, 1, 1), Examples(1, 1, 1, 1));
        var some = set.Take(0.25, seed: 5);
        Assert.Equal([100, 10, 1, 1], Counts(some.Training));
        Assert.Equal([10, 1, 1, 1], Counts(some.Validation));
        Assert.Same(set.Test, some.Test);
        Assert.Equal(some.Training, set.Training.Where(some.Training.Contains));
        Assert.Equal(some.Training, set.Take(0.25, seed: 5).Training);
        Assert.NotEqual(some.Training, set.Take(0.25, seed: 6).Training);
        Assert.Same(set.Training, set.Take(1, seed: 5).Training);

        static List<TaskExample> Examples(params int[] counts) =>
            [.. counts.SelectMany((count, label) => Enumerable.Range(0, count).Select(index => new TaskExample([$"{label} {index}"], $"{label}")))];

        static int[] Counts(List<TaskExample> examples) =>
            [.. Enumerable.Range(0, 4).Select(label => examples.Count(example => example.Label == $"{label}"))];
    }

    [Fact]
    public void WhatCannotBeComparedIsRefused()
    {
        Assert.Contains("--systems is 'gpt-3', but must be of gpt-1, gpt-2, bert", CommandLine.Fail(Arguments("--systems", "gpt-3")));
        Directory.CreateDirectory(folder.File("none"));
        Assert.Contains(
            "holds none of the folders entailment",
            CommandLine.Fail("compare", "--data", data, "--tasks", folder.File("none"), "--steps", "2", "--out", folder.File("a")));
        folder.Write("few.txt", TinyRun.Text);
        Assert.Contains("at least 4096 are needed", CommandLine.Fail("compare", "--data", folder.File("few.txt"), "--out", folder.File("e")));
        folder.Write("short.txt", "x");
        Assert.Contains("too short to hold out a tenth", CommandLine.Fail("compare", "--data", folder.File("short.txt"), "--out", folder.File("b")));
        Assert.Contains("name a folder apart from it", CommandLine.Fail("compare", "--data", data, "--out", folder.Path));
        folder.Write("full/text.txt", "mine");
        Assert.Contains("holds something and is no comparison", CommandLine.Fail("compare", "--data", data, "--out", folder.File("full")));
        Assert.Equal("mine", File.ReadAllText(folder.File("full/text.txt")));
        Assert.Contains("--systems names encoder-decoder", CommandLine.Fail(Arguments("--systems", "encoder-decoder")));
        Directory.CreateDirectory(folder.File("c"));
        File.WriteAllText(folder.File("c/comparison.json"), "{");
        Assert.Contains("is no record of a comparison", CommandLine.Fail("compare", "--data", data, "--out", folder.File("c")));
        Assert.Equal("{", File.ReadAllText(folder.File("c/comparison.json")));
        CommandLine.Succeed("compare", "--data", data, "--steps", "1", "--systems", "gpt-1", "--out", folder.File("d"));
        Assert.Contains(
            "of a comparison with other options",
            CommandLine.Fail("compare", "--data", data, "--steps", "2", "--systems", "gpt-1", "--out", folder.File("d")));
    }

    private static double Number(JsonElement record, string measure, string title = "GPT-1") =>
        record.GetProperty("systems").GetProperty(title).GetProperty(measure).GetDouble();

    private string[] Arguments(params string[] more) =>
    [
        "compare", "--data", data, "--tasks", tasks, "--steps", "2", "--threads", "1", .. more,
        .. more.Contains("--out") ? Array.Empty<string>() : ["--out", folder.File("compare")],
    ];

    private static string[] Cells(string line) => [.. line.Trim('|', '\r').Split('|').Select(static cell => cell.Trim())];

    private static void Matches(string[] row, string[] patterns)
    {
        Assert.Equal(patterns.Length, row.Length - 1);
        for (var column = 0; column < patterns.Length; column++)
        {
            if (patterns[column].StartsWith('^'))
                Assert.Matches(patterns[column], row[column + 1]);
            else
                Assert.Equal(patterns[column], row[column + 1]);
        }
    }
}
