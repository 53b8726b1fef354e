using System.Globalization;
using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What an ELMo that reads characters does on the command line.</summary>
public sealed class ElmoCharacterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string words;

    public ElmoCharacterTests()
    {
        data = folder.Write("text.txt", TinyRun.Text);
        words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "300", "--data", data, "--out", words);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TrainsResumesEvaluatesAndGivesLayers()
    {
        var run = folder.File("run");
        Train(run, "--steps", "16", "--save-every", "8");
        var losses = File.ReadAllLines(Path.Combine(run, "log.jsonl")).Select(static line => Number(line, "loss")).ToList();
        Assert.True(losses[^1] < losses[0] - 0.3, $"The loss fell from {losses[0]} to {losses[^1]} only.");
        var halves = folder.File("halves");
        Train(halves, "--steps", "16", "--save-every", "8");
        CommandLine.Succeed("train", "--out", halves, "--resume", Path.Combine(halves, "step-000008.safetensors"));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(run, "step-000016.safetensors")), File.ReadAllBytes(Path.Combine(halves, "step-000016.safetensors")));

        var report = CommandLine.Succeed("evaluate", "--weights", run, "--data", data, "--batch", "2", "--json");
        Assert.Equal((Number(report, "perplexity") + Number(report, "perplexity_backward")) / 2, Number(report, "perplexity_mean"), 1e-6);
        Assert.True(Number(report, "perplexity") < 300);

        // A word's embedding follows from its letters alone, wherever it stands, and any word has one.
        var vectors = Features(run, "zebra the zebra", "--layers", "0");
        Assert.Equal(["<S>", "zebra", "the", "zebra", "</S>"], vectors.Select(static vector => vector.Word));
        Assert.Equal(vectors[1].Hidden, vectors[3].Hidden);
        Assert.NotEqual(vectors[1].Hidden, vectors[2].Hidden);
        Assert.NotEqual(Features(run, "zebra the zebra", "--layers", "2")[1].Hidden, Features(run, "zebra the zebra", "--layers", "2")[3].Hidden);
        Assert.Contains(
            "reads the letters of any word", CommandLine.Fail("features", "--weights", run, "--prompt", "a", "--tokenizer", words));
        Assert.Contains("has 0 words", CommandLine.Fail("features", "--weights", run, "--prompt", "  "));
    }

    /// <summary>The words of the texts tell the classes apart, which the vocabulary of the run does not hold.</summary>
    [Fact]
    public void TasksLearnFromTheCharactersOfWords()
    {
        var run = folder.File("run");
        Train(run, "--steps", "2");
        var examples = folder.Write("examples.tsv", "text\tlabel\n" + string.Concat(Enumerable.Range(0, 40).Select(
            static i => $"x{i} {(i % 2 == 0 ? "splendid" : "dreadful")} !\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        var model = folder.File("model");
        Assert.Contains("reads the letters of any word", CommandLine.Fail(
            "finetune", "--task", "classification", "--weights", run, "--data", examples, "--tokenizer", words, "--out", model));
        CommandLine.Succeed(
            "finetune", "--task", "classification", "--weights", run, "--data", examples, "--test", examples, "--epochs", "12", "--batch", "8",
            "--length", "8", "--out", model, "--threads", "1");
        var right = File.ReadAllLines(Path.Combine(model, "predictions.tsv")).Skip(1)
            .Select((line, index) => line.Split('\t')[1] == (index % 2 == 0 ? "pos" : "neg")).Count(static isRight => isRight);
        Assert.True(right >= 32, $"Only {right} of 40 predictions are right.");
        Assert.Contains("pos", CommandLine.Succeed("predict", "--weights", model, "--text", "x0 splendid !"));
        Assert.Contains("12 tokens", CommandLine.Fail("predict", "--weights", model, "--text", "a b c d e f g h i j"));

        // The layers' learned mix is what features then give, and differs from the mean.
        var layers = Enumerable.Range(0, 3).Select(layer => Features(model, "so it is", "--layers", layer.ToString(CultureInfo.InvariantCulture)))
            .ToList();
        var mixed = Features(model, "so it is");
        var (weights, gamma) = (Tensor(model, "input_ELMo_W"), Tensor(model, "input_ELMo_gamma")[0]);
        Assert.Contains(weights, static weight => weight != 0);
        var shares = weights.Select(static weight => Math.Exp(weight)).ToList();
        for (var place = 0; place < 160; place++)
        {
            var expected = gamma * Enumerable.Range(0, 3).Sum(layer => shares[layer] / shares.Sum() * layers[layer][1].Hidden[place]);
            Assert.Equal(expected, mixed[1].Hidden[place], 1e-5);
        }

        Assert.Contains(
            Enumerable.Range(0, 160), place => Math.Abs(layers.Average(layer => layer[1].Hidden[place]) - mixed[1].Hidden[place]) > 1e-4);

        var tags = folder.Write("tags.txt", string.Concat(Enumerable.Range(0, 20).Select(static i => $"a{i} X\nbee Y\n\n")));
        CommandLine.Succeed(
            "finetune", "--task", "tagging", "--weights", run, "--data", tags, "--epochs", "1", "--length", "6", "--out", folder.File("tagger"));
        Assert.Matches("[XY]", CommandLine.Succeed("predict", "--weights", folder.File("tagger"), "--text", "a bee"));
        var pairs = folder.Write("pairs.tsv", "premise\thypothesis\tlabel\n" + string.Concat(Enumerable.Range(0, 20).Select(
            static i => $"a{i}\tb c\t{(i % 2 == 0 ? "yes" : "no")}\n")));
        CommandLine.Succeed(
            "finetune", "--task", "entailment", "--weights", run, "--data", pairs, "--epochs", "1", "--length", "7", "--out", folder.File("pairs"));
        Assert.Contains("8 tokens", CommandLine.Fail("predict", "--weights", folder.File("pairs"), "--text", "a a", "b c"));
    }

    private static double Number(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetDouble();
    }

    private static float[] Tensor(string model, string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(model, "model.safetensors"));
        var length = (int)BitConverter.ToInt64(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(sizeof(long), length));
        var range = header.RootElement.GetProperty(name).GetProperty("data_offsets").Deserialize<int[]>()!;
        return [.. bytes[(sizeof(long) + length + range[0])..(sizeof(long) + length + range[1])].Chunk(sizeof(float))
            .Select(static four => BitConverter.ToSingle(four))];
    }

    private static List<(string Word, double[] Hidden)> Features(string run, string text, params string[] more) =>
    [
        .. CommandLine.Succeed(["features", "--weights", run, "--prompt", text, .. more]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line =>
            {
                using var word = JsonDocument.Parse(line);
                return (word.RootElement.GetProperty("word").GetString()!, word.RootElement.GetProperty("hidden").Deserialize<double[]>()!);
            }),
    ];

    private void Train(string run, params string[] more) => CommandLine.Succeed([
        "train", "--model", "elmo-mini-chars", "--tokenizer", words, "--data", data, "--out", run, "--batch", "2", "--length", "16", "--warmup", "1",
        "--threads", "1", .. more]);
}
