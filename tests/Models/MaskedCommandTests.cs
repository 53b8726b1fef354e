using System.Text.Json;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What a BERT model does on the command line, from a vocabulary of a few hundred word pieces and runs of moments.</summary>
public sealed class MaskedCommandTests : IDisposable
{
    private const int Steps = 24;

    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string words;

    public MaskedCommandTests()
    {
        var documents = TinyRun.Text.TrimEnd().Split('\n').Chunk(4).Select(static lines => string.Join('\n', lines));
        data = folder.Write("text.txt", string.Join("\n\n", documents));
        words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--kind", "wordpiece", "--vocabulary", "300", "--data", data, "--out", words);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TrainFillEvaluateFeaturesAndConvert()
    {
        var run = folder.File("run");
        var output = CommandLine.Succeed(Arguments(run, "--whole-words", "--masking", "0.2"));
        Assert.Contains("masked accuracy", output);
        Assert.Contains("pseudo perplexity", output);
        Assert.Contains("there stood: ", output);
        var lines = File.ReadAllLines(Path.Combine(run, "log.jsonl"));
        Assert.Equal(Steps, lines.Length);
        using (var last = JsonDocument.Parse(lines[^1]))
        {
            Assert.InRange(last.RootElement.GetProperty("validation_masked_accuracy").GetDouble(), 0, 1);
            Assert.InRange(last.RootElement.GetProperty("validation_next_accuracy").GetDouble(), 0, 1);
        }

        Assert.True(Loss(lines[^1]) < Loss(lines[0]) - 1, $"The loss fell from {Loss(lines[0])} to {Loss(lines[^1])} only.");

        // Filling: more candidates than one, falling, and the same for people and scripts.
        using var filled = JsonDocument.Parse(
            CommandLine.Succeed("fill", "--weights", run, "--prompt", "The [MASK] turns the [MASK].", "--top", "3", "--json"));
        var gaps = filled.RootElement.GetProperty("gaps").EnumerateArray().ToList();
        Assert.Equal(2, gaps.Count);
        foreach (var gap in gaps)
        {
            double[] probabilities =
            [
                .. gap.GetProperty("candidates").EnumerateArray().Select(static candidate => candidate.GetProperty("probability").GetDouble()),
            ];
            Assert.Equal(3, probabilities.Length);
            Assert.Equal(probabilities.OrderDescending(), probabilities);
            Assert.InRange(probabilities.Sum(), 1e-3, 1 + 1e-6);
        }

        var best = gaps[0].GetProperty("candidates")[0].GetProperty("text").GetString();
        Assert.Contains($"  {best}", CommandLine.Succeed("fill", "--weights", run, "--prompt", "The [MASK] turns the [MASK]."));

        // Evaluating: the same numbers twice.
        var first = CommandLine.Succeed("evaluate", "--weights", run, "--data", data, "--json");
        Assert.Equal(first, CommandLine.Succeed("evaluate", "--weights", run, "--data", data, "--json"));
        using var evaluation = JsonDocument.Parse(first);
        var perplexity = evaluation.RootElement.GetProperty("pseudo_perplexity").GetDouble();
        Assert.Equal(evaluation.RootElement.GetProperty("loss").GetDouble(), Math.Log(perplexity), 1e-9);
        Assert.InRange(perplexity, 1, 4096);

        // Features: [CLS] is the first token's, the mean that of all, and layers differ.
        var tokens = Vectors("--weights", run);
        Assert.Equal(Vectors("--weights", run, "--layer", "4"), tokens);
        Assert.NotEqual(Vectors("--weights", run, "--layer", "0")[0], tokens[0]);
        Assert.Equal(tokens[0], Assert.Single(Vectors("--weights", run, "--pool", "cls")));
        Assert.All(
            Assert.Single(Vectors("--weights", run, "--pool", "mean")).Index(),
            entry => Assert.Equal(tokens.Average(token => token[entry.Index]), entry.Item, 1e-5));

        // A folder as Hugging Face's computes the same.
        CommandLine.Succeed("convert", "--weights", run, "--out", folder.File("folder"));
        Assert.Equal(first, CommandLine.Succeed("evaluate", "--weights", folder.File("folder"), "--data", data, "--json"));
    }

    [Fact]
    public void AKilledRunResumesToTheBytesOfAnUninterruptedOne()
    {
        CommandLine.Succeed(Arguments(folder.File("whole"), "--next-sentence", "off"));
        CommandLine.KillOnce(
            Path.Combine(folder.File("killed"), "step-000008.safetensors"), Arguments(folder.File("killed"), "--next-sentence", "off"));
        CommandLine.Succeed("train", "--out", folder.File("killed"), "--resume");
        foreach (var name in (ReadOnlySpan<string>)[$"step-{Steps:D6}.safetensors", "loss.svg"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("whole"), name)), File.ReadAllBytes(Path.Combine(folder.File("killed"), name)));
    }

    [Fact]
    public void WhatBelongsToAnotherKindOfModelIsRefused()
    {
        Assert.Contains("--masking belongs to BERT models", CommandLine.Fail("train", "--masking", "0.2", "--data", data, "--out", folder.File("a")));
        Assert.Contains(
            "--whole-words belongs to BERT models", CommandLine.Fail("train", "--whole-words", "--data", data, "--out", folder.File("b")));
        Assert.Contains("--sample-every belongs to GPT models", CommandLine.Fail(Arguments(folder.File("c"), "--sample-every", "3")));
        Assert.Contains("--end-of-text belongs to GPT models", CommandLine.Fail(Arguments(folder.File("d"), "--end-of-text")));
        Assert.Contains("0.15", CommandLine.Fail(Arguments(folder.File("e"), "--masking", "1.5")));
        Assert.Contains("--kind wordpiece", CommandLine.Fail("train", "--model", "bert-mini-4k", "--data", data, "--out", folder.File("f")));
        Assert.Contains("WordPiece", CommandLine.Fail(
            "train", "--model", "bert-mini-4k", "--tokenizer", "bytes", "--data", data, "--out", folder.File("g")));
        Assert.Contains("text is needed", CommandLine.Fail(
            "train", "--model", "bert-mini-4k", "--tokenizer", words, "--data", folder.Write("train.bin", "abcd"), "--out", folder.File("h")));

        var bert = Save(BertMini4K.Create, "bert");
        Assert.Contains("fills gaps", CommandLine.Fail("generate", "--weights", bert, "--prompt", "a"));
        Assert.Contains("fills gaps", CommandLine.Fail("summarize", "--weights", bert, "--text", "a"));
        Assert.Contains("--task lambada", CommandLine.Fail("evaluate", "--weights", bert, "--task", "lambada", "--data", data));
        Assert.Contains("--stride belongs to GPT models", CommandLine.Fail("evaluate", "--weights", bert, "--stride", "3", "--data", data));
        Assert.Contains("[MASK]", CommandLine.Fail("fill", "--weights", bert, "--tokenizer", words, "--prompt", "no gap"));
        var tooLong = "[MASK] " + string.Concat(Enumerable.Repeat("gear ", 300));
        Assert.Contains("at most 256", CommandLine.Fail("fill", "--weights", bert, "--tokenizer", words, "--prompt", tooLong));
        Assert.Contains(
            "must be cls, mean or none",
            CommandLine.Fail("features", "--weights", bert, "--tokenizer", words, "--prompt", "a", "--pool", "last"));
        Assert.Contains("--layer is 5", CommandLine.Fail("features", "--weights", bert, "--tokenizer", words, "--prompt", "a", "--layer", "5"));

        var gpt = Save(Gpt2Nano.Create, "gpt");
        Assert.Contains("fills no gaps", CommandLine.Fail("fill", "--weights", gpt, "--prompt", "a [MASK]"));
        Assert.Contains("must be last, mean or none", CommandLine.Fail("features", "--weights", gpt, "--prompt", "a", "--pool", "cls"));
    }

    [Fact]
    public void ABodyAloneGivesFeaturesButFillsNothing()
    {
        var body = folder.File("body");
        using (var device = new CpuDevice(1))
        using (var model = BertMini4K.Create(device))
        {
            model.Initialize(5);
            ModelCheckpoint.SaveWithout(["pooler", "cls.predictions", "cls.seq_relationship"], model, body, ElementType.F32, null);
        }

        Assert.Contains("cls.predictions", CommandLine.Fail("fill", "--weights", body, "--tokenizer", words, "--prompt", "a [MASK]"));
        Assert.Contains("cls.predictions", CommandLine.Fail("evaluate", "--weights", body, "--tokenizer", words, "--data", data));
        var vectors = Vectors("--weights", body, "--tokenizer", words);
        // What was not read is not written either.
        CommandLine.Succeed("convert", "--weights", body, "--out", folder.File("copy"));
        Assert.Contains("cls.predictions", CommandLine.Fail("fill", "--weights", folder.File("copy"), "--tokenizer", words, "--prompt", "a [MASK]"));
        Assert.Equal(vectors, Vectors("--weights", folder.File("copy"), "--tokenizer", words));
        // Training goes on from it, its heads new.
        Assert.Contains("there stood: ", CommandLine.Succeed(Arguments(folder.File("on"), "--weights", body)));
    }

    private static double Loss(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("loss").GetDouble();
    }

    private static List<float[]> Vectors(params string[] arguments)
    {
        var output = CommandLine.Succeed(["features", "--prompt", "The gear turns.", .. arguments]);
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
            {
                using var document = JsonDocument.Parse(line);
                return document.RootElement.GetProperty("hidden").EnumerateArray().Select(static value => value.GetSingle()).ToArray();
            }),
        ];
    }

    private string[] Arguments(string run, params string[] more) =>
    [
        "train", "--model", "bert-mini-4k", "--tokenizer", words, "--data", data, "--out", run,
        "--steps", $"{Steps}", "--batch", "4", "--length", "32", "--warmup", "2",
        "--evaluate-every", "12", "--save-every", "8", "--threads", "1", .. more,
    ];

    private string Save(Func<Device, Model> create, string name)
    {
        var path = folder.File(name);
        using var device = new CpuDevice(1);
        using var model = create(device);
        model.Initialize(1);
        ModelCheckpoint.Save(model, path);
        return path;
    }
}
