using System.Globalization;
using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What an ELMo does on the command line, from a vocabulary of a few hundred tokens and runs of moments.</summary>
public sealed class ElmoCommandTests : IDisposable
{
    private const int Steps = 24;

    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string words;

    public ElmoCommandTests()
    {
        data = folder.Write("text.txt", TinyRun.Text);
        words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "300", "--data", data, "--out", words);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TrainEvaluateConvertAndReadTheLayers()
    {
        var run = folder.File("run");
        Assert.Matches(@"perplexity of [\d,]+ held-out tokens: [\d.]+ forward, [\d.]+ backward", CommandLine.Succeed(Arguments(run)));
        var lines = File.ReadAllLines(Path.Combine(run, "log.jsonl"));
        Assert.Equal(Steps, lines.Length);
        Assert.True(
            Number(lines[^1], "loss") < Number(lines[0], "loss") - 0.3,
            $"The loss fell from {Number(lines[0], "loss")} to {Number(lines[^1], "loss")} only.");

        var report = Evaluate(run);
        Assert.Equal(
            (Number(report, "perplexity") + Number(report, "perplexity_backward")) / 2, Number(report, "perplexity_mean"), 1e-6);
        Assert.NotEqual(Number(report, "loss"), Number(report, "loss_backward"));
        CommandLine.Succeed("convert", "--weights", run, "--out", folder.File("folder"));
        Assert.Equal(report, Evaluate(folder.File("folder")));

        var layers = Enumerable.Range(0, 3).Select(layer => Features(run, layer.ToString(CultureInfo.InvariantCulture))).ToList();
        var mix = Features(run, "mix");
        for (var token = 0; token < mix.Count; token++)
        {
            // Of the embedding both halves are alike; the mix is the mean.
            Assert.Equal(layers[0][token].Take(80), layers[0][token].Skip(80));
            for (var place = 0; place < 160; place++)
                Assert.Equal(layers.Average(layer => layer[token][place]), mix[token][place], 1e-5);
        }

        Assert.Equal(mix, Features(run, null));
    }

    /// <summary>Of three sentences, each between marks, forward predicts the words and the ends; they are 9 words and 36 bytes.</summary>
    [Fact]
    public void AVocabularyOfWordsIsMeasuredByItsWords()
    {
        var vocabulary = folder.File("vocabulary");
        Directory.CreateDirectory(vocabulary);
        File.WriteAllText(Path.Combine(vocabulary, "vocab.txt"), "</S>\n<S>\n<UNK>\nthe\ncat\nsees\ndog\n.\n");
        var run = folder.File("run");
        var text = folder.Write("sentences.txt", string.Concat(Enumerable.Repeat("the cat sees\nthe dog\n", 40)));
        CommandLine.Succeed(
            "train", "--model", "elmo-mini-4k", "--tokenizer", vocabulary, "--data", text, "--out", run, "--steps", "2", "--batch", "2", "--length",
            "16", "--threads", "1");
        var data = folder.Write("held.txt", "the cat sees .\nthe dog sees .\nanother\n");
        var report = CommandLine.Succeed("evaluate", "--weights", run, "--data", data, "--batch", "1", "--json");
        Assert.Equal((12, 9, 36), (Number(report, "tokens"), Number(report, "words"), Number(report, "bytes")));
        Assert.Equal(Math.Exp(Number(report, "loss") * 12 / 9), Number(report, "perplexity_per_word"), 1e-4 * Number(report, "perplexity_per_word"));
        Assert.Equal(Number(report, "loss") * 12 / 36 / Math.Log(2), Number(report, "bits_per_byte"), 1e-4);
    }

    [Fact]
    public void AKilledRunResumesToTheBytesOfAnUninterruptedOne()
    {
        string[] more = ["--dropout", "0.1", "--accumulate", "2"];
        CommandLine.Succeed(Arguments(folder.File("whole"), more));
        CommandLine.KillOnce(Path.Combine(folder.File("killed"), "step-000008.safetensors"), Arguments(folder.File("killed"), more));
        CommandLine.Succeed("train", "--out", folder.File("killed"), "--resume");
        foreach (var name in (ReadOnlySpan<string>)[$"step-{Steps:D6}.safetensors", "loss.svg"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("whole"), name)), File.ReadAllBytes(Path.Combine(folder.File("killed"), name)));
    }

    [Fact]
    public void WhatBelongsToAnotherKindOfModelIsRefused()
    {
        Assert.Contains("--memory belongs to Transformer-XL", CommandLine.Fail(Arguments(folder.File("a"), "--memory", "5")));
        Assert.Contains("--sample-every belongs to GPT", CommandLine.Fail(Arguments(folder.File("b"), "--sample-every", "3")));
        Assert.Contains("only reads", CommandLine.Fail(
            "train", "--model", "elmo-mini-4k", "--tokenizer", words, "--pairs", folder.Write("pairs.tsv", "a\tb\n"), "--out", folder.File("c")));

        var run = folder.File("run");
        CommandLine.Succeed(Arguments(run, "--steps", "2"));
        Assert.Contains(
            "reads text in both directions and does not write on", CommandLine.Fail("generate", "--weights", run, "--prompt", "a"));
        Assert.Contains("--stride belongs to GPT", CommandLine.Fail("evaluate", "--weights", run, "--data", data, "--stride", "3"));
        Assert.Contains("--task lambada is for GPT models", CommandLine.Fail("evaluate", "--weights", run, "--data", data, "--task", "lambada"));
        Assert.Contains("from 0 to that, or mix", CommandLine.Fail("features", "--weights", run, "--prompt", "a", "--layers", "3"));
        Assert.Contains("from 0 on, or mix", CommandLine.Fail("features", "--weights", run, "--prompt", "a", "--layers", "all"));
    }

    [Fact]
    public void ATaskLearnsOnFrozenLayers()
    {
        var run = folder.File("run");
        CommandLine.Succeed(Arguments(run, "--steps", "2"));
        var examples = folder.Write("examples.tsv", "text\tlabel\n" + string.Concat(
            Enumerable.Range(0, 40).Select(static i => $"a{i} {(i % 2 == 0 ? "good" : "bad")}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        var model = folder.File("model");
        var output = CommandLine.Succeed(
            "finetune", "--task", "classification", "--weights", run, "--data", examples, "--test", examples, "--epochs", "12", "--batch", "8",
            "--length", "24", "--out", model);
        Assert.Contains("36 examples to train on, 4 to validate on, 2 labels", output);
        var right = File.ReadAllLines(Path.Combine(model, "predictions.tsv")).Skip(1)
            .Select((line, index) => line.Split('\t')[1] == (index % 2 == 0 ? "pos" : "neg")).Count(static isRight => isRight);
        Assert.True(right >= 32, $"Only {right} of 40 predictions are right.");
        Assert.Contains("pos", CommandLine.Succeed("predict", "--weights", model, "--text", "a0 good"));

        var (before, after) = (Tensors(Directory.GetFiles(run, "step-*.safetensors").Single()), Tensors(Path.Combine(model, "model.safetensors")));
        var frozen = before.Keys.Where(name => after.ContainsKey(name)).ToList();
        Assert.Equal(13, frozen.Count);
        Assert.All(frozen, name => Assert.Equal(before[name], after[name]));
        Assert.Contains(after["input_ELMo_W"].Chunk(sizeof(float)), static weight => BitConverter.ToSingle(weight) != 0);
    }

    private static Dictionary<string, byte[]> Tensors(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToInt64(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(sizeof(long), length));
        return header.RootElement.EnumerateObject().Where(static tensor => tensor.Name != "__metadata__").ToDictionary(
            static tensor => tensor.Name,
            tensor =>
            {
                var range = tensor.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
                return bytes[(sizeof(long) + length + range[0])..(sizeof(long) + length + range[1])];
            });
    }

    private static double Number(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetDouble();
    }

    private string Evaluate(string weights) => CommandLine.Succeed(
        "evaluate", "--weights", weights, "--tokenizer", words, "--data", data, "--batch", "2", "--json");

    private static List<double[]> Features(string run, string? layer)
    {
        string[] option = layer is null ? [] : ["--layers", layer];
        var output = CommandLine.Succeed(["features", "--weights", run, "--prompt", "What stands here", .. option]);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            using var token = JsonDocument.Parse(line);
            return token.RootElement.GetProperty("hidden").Deserialize<double[]>()!;
        })];
    }

    private string[] Arguments(string run, params string[] more) =>
    [
        "train", "--model", "elmo-mini-4k", "--tokenizer", words, "--data", data, "--out", run,
        .. more.Contains("--steps") ? Array.Empty<string>() : ["--steps", Steps.ToString(CultureInfo.InvariantCulture)], "--batch", "2", "--length",
        "16", "--warmup", "1", "--evaluate-every", "12", "--save-every", "8", "--threads", "1", .. more,
    ];
}
