using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What models that are trained on pairs do on the command line, from a vocabulary of a few hundred tokens and runs of moments.</summary>
public sealed class TranslationCommandTests : IDisposable
{
    private const int Steps = 12;

    private readonly TemporaryFolder folder = new();
    private readonly string pairs;
    private readonly string words;

    public TranslationCommandTests()
    {
        pairs = folder.Write("pairs.tsv", string.Concat(Enumerable.Range(0, 300).Select(static index => $"gear {index}\twheel {index}\n")));
        words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "300", "--data", pairs, "--out", words);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("gpt1-mini-4k")]
    [InlineData("seq2seq-mini-4k")]
    public void TrainTranslateEvaluateAndResume(string model)
    {
        var run = folder.File("run");
        var output = CommandLine.Succeed(Arguments(model, run, Steps));
        Assert.Contains("the model: ", output);
        Assert.Contains("exact match", output);
        var lines = File.ReadAllLines(Path.Combine(run, "log.jsonl"));
        Assert.True(Loss(lines[^1]) < Loss(lines[0]) - 0.3, $"The loss fell from {Loss(lines[0])} to {Loss(lines[^1])} only.");

        // A line for each line, the same alone and together; several with scores.
        var together = CommandLine.Succeed("translate", "--weights", run, "--tokens", "8", "--text", "gear 3\ngear 5").TrimEnd('\n').Split('\n');
        Assert.Equal(2, together.Length);
        Assert.Equal(together[1], CommandLine.Succeed("translate", "--weights", run, "--tokens", "8", "--text", "gear 5").TrimEnd('\n'));

        // Lines keep their numbers, and what is too long is named by its own.
        var spaced = CommandLine.Succeed("translate", "--weights", run, "--tokens", "8", "--text", "gear 3\n\ngear 5\n").Split('\n');
        Assert.Equal([together[0], "", together[1], ""], spaced);
        Assert.Contains("all lines are empty", CommandLine.Fail("translate", "--weights", run, "--text", " \n\n"));
        var wide = string.Concat(Enumerable.Repeat("gear 1 ", 200));
        Assert.Contains("Line 2 has ", CommandLine.Fail("translate", "--weights", run, "--text", $"gear 1\n{wide}"));
        var longPairs = folder.Write("long.tsv", $"gear 1\twheel 1\n{wide}\twheel 2\n");
        var passedOver = CommandLine.Run("evaluate", "--task", "translation", "--weights", run, "--data", longPairs, "--beams", "1");
        Assert.Equal(0, passedOver.ExitCode);
        Assert.Contains("1 of 2 sources", passedOver.Error);
        Assert.Contains(
            "has no source of at most",
            CommandLine.Fail("evaluate", "--task", "translation", "--weights", run, "--data", folder.Write("longer.tsv", $"{wide}\twheel 2\n")));

        var best = CommandLine.Succeed(
            "translate", "--weights", run, "--tokens", "8", "--text", "gear 3", "--beams", "3", "--best", "2", "--length-penalty", "0.6");
        Assert.Equal(2, best.TrimEnd('\n').Split('\n').Length);
        using var json = JsonDocument.Parse(
            CommandLine.Succeed("translate", "--weights", run, "--tokens", "8", "--text", "gear 3", "--json", "--best", "2"));
        Assert.Equal("gear 3", json.RootElement.GetProperty("source").GetString());
        double[] scores =
        [
            .. json.RootElement.GetProperty("translations").EnumerateArray().Select(static text => text.GetProperty("score").GetDouble()),
        ];
        Assert.Equal(2, scores.Length);
        Assert.Equal(scores.OrderDescending(), scores);

        using var report = JsonDocument.Parse(CommandLine.Succeed(
            "evaluate", "--task", "translation", "--weights", run, "--data", pairs, "--limit", "5", "--beams", "1", "--json"));
        Assert.Equal(5, report.RootElement.GetProperty("translations").GetInt32());
        Assert.InRange(report.RootElement.GetProperty("bleu").GetDouble(), 0, 100);
        Assert.InRange(report.RootElement.GetProperty("chrf").GetDouble(), 0, 100);
        Assert.InRange(report.RootElement.GetProperty("exact_match").GetDouble(), 0, 1);

        // A folder as Hugging Face's translates alike.
        var converted = folder.File("converted");
        CommandLine.Succeed("convert", "--weights", run, "--out", converted);
        Assert.Equal(
            model.StartsWith("gpt", StringComparison.Ordinal) ? [] : together,
            model.StartsWith("gpt", StringComparison.Ordinal)
                ? []
                : CommandLine.Succeed("translate", "--weights", converted, "--tokens", "8", "--text", "gear 3\ngear 5").TrimEnd('\n').Split('\n'));

        // What was interrupted half-way ends with the same bits.
        var half = folder.File("half");
        CommandLine.Succeed(Arguments(model, half, Steps / 2, "--schedule", "constant"));
        CommandLine.Succeed("train", "--out", half, "--resume", "--steps", $"{Steps}", "--threads", "1");
        var whole = folder.File("whole");
        CommandLine.Succeed(Arguments(model, whole, Steps, "--schedule", "constant"));
        Assert.Equal(Loss(File.ReadLines(Path.Combine(whole, "log.jsonl")).Last()), Loss(File.ReadLines(Path.Combine(half, "log.jsonl")).Last()));
    }

    [Fact]
    public void TheSdksPairsAreWritten()
    {
        var file = folder.File("fr.tsv");
        var result = CommandLine.Run("pairs", "--language", "fr", "--out", file);
        Assert.SkipWhen(result.Error.Contains("No installed .NET SDK", StringComparison.Ordinal), "No .NET SDK with translated texts is installed.");
        Assert.Equal(0, result.ExitCode);
        var lines = File.ReadAllLines(file);
        Assert.True(lines.Length > 5000);
        Assert.All(lines, static line => Assert.Equal(2, line.Split('\t').Length));
        var test = folder.File("test.tsv");
        CommandLine.Succeed("pairs", "--language", "fr", "--out", file, "--test", test);
        Assert.Equal(lines.Order(StringComparer.Ordinal), File.ReadLines(file).Concat(File.ReadLines(test)).Order(StringComparer.Ordinal));
        Assert.InRange(File.ReadLines(test).Count(), lines.Length / 25, lines.Length / 15);
        Assert.Contains("name two files", CommandLine.Fail("pairs", "--language", "fr", "--out", file, "--test", file));
        lines = File.ReadAllLines(file);
        Assert.Contains("take one of cs, de", CommandLine.Fail("pairs", "--language", "xx", "--out", file));
        Assert.Equal(lines, File.ReadAllLines(file));
    }

    /// <summary>A folder as published ones are: SentencePiece's models of two languages beside the weights, padding for the beginning.</summary>
    [Fact]
    public void AFolderWithMariansTokenizerIsTrainedConvertedAndTranslatedWith()
    {
        var tokenizer = MarianTokenizer(static text => text.Replace("\"<pad>\": 495", "\"<pad>\": 4095"));
        var run = folder.File("run");
        var output = CommandLine.Succeed(Arguments("seq2seq-mini-4k", run, Steps, "--tokenizer", tokenizer));
        Assert.Contains("exact match", output);
        var lines = File.ReadAllLines(Path.Combine(run, "log.jsonl"));
        Assert.True(Loss(lines[^1]) < Loss(lines[0]) - 0.3, $"The loss fell from {Loss(lines[0])} to {Loss(lines[^1])} only.");
        Directory.Delete(tokenizer, recursive: true);

        var marian = folder.File("marian");
        CommandLine.Succeed("convert", "--weights", run, "--out", marian);
        Assert.Equal(
            ["config.json", "model.safetensors", "source.spm", "target.spm", "tokenizer_config.json", "vocab.json"],
            Directory.EnumerateFiles(marian).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(marian, "config.json")));
        Assert.Equal(
            ("marian", 0, 4095),
            (config.RootElement.GetProperty("model_type").GetString(), config.RootElement.GetProperty("eos_token_id").GetInt32(),
                config.RootElement.GetProperty("decoder_start_token_id").GetInt32()));

        string[] translate = ["translate", "--tokens", "8", "--text", "gear 3\n>>deu<< The file was \u001bnot  found.", "--json"];
        var translated = CommandLine.Succeed([.. translate, "--weights", marian]);
        Assert.Equal(translated, CommandLine.Succeed([.. translate, "--weights", run]));
        Assert.Equal(2, translated.TrimEnd('\n').Split('\n').Length);
        Assert.DoesNotContain("<pad>", translated);
        Assert.DoesNotContain("</s>", translated);
        Assert.DoesNotContain("\\u2581", translated);
        using var report = JsonDocument.Parse(CommandLine.Succeed(
            "evaluate", "--task", "translation", "--weights", marian, "--data", pairs, "--limit", "5", "--beams", "1", "--json"));
        Assert.Equal(5, report.RootElement.GetProperty("translations").GetInt32());

        File.Move(Path.Combine(marian, "target.spm"), folder.File("target.spm"));
        Assert.Contains("holds source.spm without target.spm", CommandLine.Fail([.. translate, "--weights", marian]));
        File.WriteAllText(Path.Combine(marian, "target.spm"), "x");
        Assert.Contains("target.spm' is damaged", CommandLine.Fail([.. translate, "--weights", marian]));
        File.Move(folder.File("target.spm"), Path.Combine(marian, "target.spm"), overwrite: true);
        var vocabulary = File.ReadAllText(Path.Combine(marian, "vocab.json"));
        File.WriteAllText(Path.Combine(marian, "vocab.json"), vocabulary.Replace("\"<unk>\"", "\"<what>\""));
        Assert.Contains("vocab.json' has no token '<unk>'", CommandLine.Fail([.. translate, "--weights", marian]));

        // What begins translations must not be a piece of them.
        var ordinary = MarianTokenizer(static text => text.Replace("\">>deu<<\": 493", "\">>deu<<\": 4095"));
        Assert.Contains(
            "begins translations with token 4095, which is an ordinary one",
            CommandLine.Fail(Arguments("seq2seq-mini-4k", folder.File("refused"), Steps, "--tokenizer", ordinary)));

        string MarianTokenizer(Func<string, string> change)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Golden", "marian-tokenizer")))
                folder.Write($"tokenizer/{Path.GetFileName(file)}", File.ReadAllBytes(file));
            var path = folder.File("tokenizer/vocab.json");
            var changed = change(File.ReadAllText(path));
            Assert.NotEqual(changed, File.ReadAllText(path));
            File.WriteAllText(path, changed);
            return folder.File("tokenizer");
        }
    }

    [Fact]
    public void WhatDoesNotBelongTogetherIsRefused()
    {
        var run = folder.File("run");
        Assert.Contains("--data belongs to running text", CommandLine.Fail(Arguments("gpt1-mini-4k", run, 2, "--data", pairs)));
        Assert.Contains("fills gaps", CommandLine.Fail(Arguments("bert-mini-4k", run, 2)));
        Assert.Contains(
            "has no token that ends texts",
            CommandLine.Fail("train", "--model", "gpt2-nano", "--pairs", pairs, "--out", run, "--steps", "2", "--threads", "1"));
        Assert.Contains(
            "seq2seq-mini-4k learns from pairs of texts",
            CommandLine.Fail("train", "--model", "seq2seq-mini-4k", "--out", run, "--steps", "2", "--threads", "1"));
        var single = folder.Write("single.tsv", "one\tun\ntwo\n");
        Assert.Contains(
            "line 2", CommandLine.Fail("train", "--model", "gpt1-mini-4k", "--pairs", single, "--tokenizer", words, "--out", run, "--threads", "1"));
        Assert.False(File.Exists(Path.Combine(run, "log.jsonl")));

        CommandLine.Succeed(TinyRun.Arguments(folder.Write("text.txt", TinyRun.Text), run, 2, 2));
        Assert.Contains("--beams is for models", CommandLine.Fail("translate", "--weights", run, "--text", "x", "--beams", "2"));
        Assert.Contains("was not trained on pairs", CommandLine.Fail("evaluate", "--weights", run, "--task", "translation", "--data", pairs));
        Assert.Contains("belongs to --task translation", CommandLine.Fail("evaluate", "--weights", run, "--data", pairs, "--beams", "2"));
    }

    private string[] Arguments(string model, string run, int steps, params string[] more) =>
    [
        "train", "--model", model, "--pairs", pairs, .. more.Contains("--tokenizer") ? [] : new[] { "--tokenizer", words }, "--out", run,
        "--steps", $"{steps}", "--batch", "8", "--length", "32", "--warmup", "2", "--validation-tokens", "200", "--threads", "1", .. more,
    ];

    private static double Loss(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("loss").GetDouble();
    }
}
