using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The vocabulary is the one that lies beside the weights, and weights that are converted keep theirs.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ConvertedWeightsKeepTheirTokenizer()
    {
        var (data, vocabulary, run, converted) = (
            folder.Write("text.txt", string.Concat(Enumerable.Repeat(TinyRun.Text, 4))), folder.File("tok"), folder.File("run"), folder.File("hf"));
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "310", "--data", data, "--out", vocabulary);
        CommandLine.Succeed(TinyRun.Arguments(data, run, 2, 2, "--model", "gpt2-mini-4k", "--tokenizer", vocabulary));
        CommandLine.Succeed("convert", "--weights", run, "--out", converted);
        foreach (var name in new[] { "vocab.json", "merges.txt" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(vocabulary, name)), File.ReadAllBytes(Path.Combine(converted, name)));
        Assert.Equal((309, 309), EndOf(converted));

        string[] generate = ["generate", "--prompt", "The <|endoftext|>", "--tokens", "20", "--weights"];
        var expected = CommandLine.Run([.. generate, run]);
        var result = CommandLine.Run([.. generate, converted]);
        Assert.Equal((0, expected.Output, ""), (result.ExitCode, result.Output, result.Error));

        // From folder to folder, and into one file, of which no tokenizer is part.
        CommandLine.Succeed("convert", "--weights", converted, "--out", folder.File("again"));
        Assert.Equal(expected.Output, CommandLine.Succeed([.. generate, folder.File("again")]));
        Assert.Contains("not part of one file", CommandLine.Run("convert", "--weights", converted, "--out", folder.File("one.safetensors")).Error);

        // Another vocabulary that lies in the target is kept.
        Directory.CreateDirectory(folder.File("taken"));
        folder.Write("taken/tokenizer.json", "{}");
        Assert.Contains("belongs to another vocabulary", CommandLine.Fail("convert", "--weights", run, "--out", folder.File("taken")));
        Assert.Single(Directory.GetFiles(folder.File("taken")));
    }

    [Fact]
    public void BytesAreWrittenAsAVocabularyToo()
    {
        var (data, run, converted) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"), folder.File("hf"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, 2, 2));
        CommandLine.Succeed("convert", "--weights", run, "--out", converted);
        Assert.Equal((null, null), EndOf(converted));
        var result = CommandLine.Run("generate", "--weights", converted, "--prompt", "The é", "--tokens", "20");
        Assert.Equal(
            (0, CommandLine.Succeed("generate", "--weights", run, "--prompt", "The é", "--tokens", "20"), ""),
            (result.ExitCode, result.Output, result.Error));

        // Only where no tokenizer's file is there, the vocabulary's size decides, and that is said.
        foreach (var name in new[] { "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json" })
            File.Delete(Path.Combine(converted, name));
        var guessed = CommandLine.Run("generate", "--weights", converted, "--prompt", "The é", "--tokens", "20");
        Assert.Equal(result.Output, guessed.Output);
        Assert.Contains("note: no tokenizer lies beside the weights; every byte is a token", guessed.Error);
        Assert.Contains(
            "no tokenizer lies beside the weights, so none is written",
            CommandLine.Run("convert", "--weights", converted, "--out", folder.File("bare")).Error);
        Assert.False(File.Exists(folder.File("bare/vocab.json")));

        // One of another kind is named, whatever the size; its weights can still be converted.
        folder.Write("hf/spiece.model", "x");
        Assert.Contains(
            "spiece.model' is a tokenizer's file of a kind that is not read (SentencePiece)", CommandLine.Fail("generate", "--weights", converted));
        Assert.Contains(
            "spiece.model", CommandLine.Fail("train", "--weights", converted, "--data", data, "--out", folder.File("other"), "--steps", "1"));
        Assert.Contains("note: no tokenizer is written: ", CommandLine.Run("convert", "--weights", converted, "--out", folder.File("bare")).Error);
        CommandLine.Succeed("generate", "--weights", converted, "--tokenizer", "bytes", "--tokens", "2");
    }

    [Fact]
    public void TheTokenizerBesideTheWeightsCountsWhateverTheVocabularysSize()
    {
        var (data, run, converted) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"), folder.File("hf"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, 2, 2));
        CommandLine.Succeed("convert", "--weights", run, "--out", converted);
        foreach (var name in new[] { "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json" })
            File.Delete(Path.Combine(converted, name));
        // Bytes, the other way round: 'h' is 255 - 104.
        var names = Enumerable.Range(0, 256).Select(static value => (Name: VisibleName(255 - value), Number: value)).ToDictionary(
            static token => token.Name, static token => token.Number);
        folder.Write("hf/tokenizer.json", $$"""
            {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}, "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {{JsonSerializer.Serialize(names)}}, "merges": []} }
            """);
        var line = CommandLine.Succeed("features", "--weights", converted, "--prompt", "h").Split('\n')[0];
        Assert.StartsWith("""{"token":151,""", line);
        Assert.Contains("no end-of-text token", CommandLine.Run("features", "--weights", converted, "--prompt", "h").Error);
    }

    /// <summary>
    /// A vocabulary whose documents end otherwise: texts are separated, samples end, and the run's copy and the converted folder say the same.
    /// </summary>
    [Fact]
    public void AnotherEndOfTextSeparatesDocumentsAndIsKept()
    {
        var marks = new[] { "<s>", "<pad>", "</s>" };
        var names = marks.Concat(Enumerable.Range(0, 256).Select(VisibleName)).Select(static (name, number) => KeyValuePair.Create(name, number))
            .ToDictionary();
        folder.Write("tok/vocab.json", JsonSerializer.Serialize(names));
        folder.Write("tok/merges.txt", "#version: 0.2\n");
        folder.Write("tok/special_tokens_map.json", """{"eos_token": "</s>", "bos_token": "<s>"}""");
        folder.Write("tok/tokenizer_config.json", """{"eos_token": "</s>", "bos_token": "<s>"}""");
        folder.Write("data/a.txt", TinyRun.Text);
        folder.Write("data/b.txt", TinyRun.Text);
        var (run, converted) = (folder.File("run"), folder.File("hf"));
        var output = CommandLine.Succeed(
            TinyRun.Arguments(folder.File("data"), run, 2, 2, "--model", "gpt2-mini-4k", "--tokenizer", folder.File("tok")));
        var tokens = 2 * (TinyRun.Text.Length + 1);
        var counts = System.Text.RegularExpressions.Regex.Match(output, "([0-9,]+) tokens to train on, ([0-9,]+) to validate on");
        Assert.Equal(
            tokens, counts.Groups.Values.Skip(1).Sum(
                static group => int.Parse(
                    group.Value, System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.StartsWith("""{"token":2,""", CommandLine.Succeed("features", "--weights", run, "--prompt", "</s>"));
        CommandLine.Succeed("convert", "--weights", run, "--out", converted);
        Assert.Equal((0, 2), EndOf(converted));
        Assert.StartsWith("""{"token":2,""", CommandLine.Succeed("features", "--weights", converted, "--prompt", "</s>"));
    }

    /// <summary>A vocabulary with gaps trains; one whose merges were cut short does not.</summary>
    [Fact]
    public void GapsAreReadAndMergesCutShortAreNot()
    {
        var (data, vocabulary) = (folder.Write("text.txt", string.Concat(Enumerable.Repeat(TinyRun.Text, 4))), folder.File("tok"));
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "310", "--data", data, "--out", vocabulary);
        var text = File.ReadAllText(Path.Combine(vocabulary, "vocab.json"));
        folder.Write("tok/vocab.json", text[..^1] + ",\"<pad>\":700}");
        CommandLine.Succeed(TinyRun.Arguments(data, folder.File("run"), 2, 2, "--model", "gpt2-mini-4k", "--tokenizer", vocabulary));
        folder.Write("tok/vocab.json", text);
        var merges = File.ReadAllLines(Path.Combine(vocabulary, "merges.txt"));
        Assert.Equal(54, merges.Length);
        folder.Write("tok/merges.txt", string.Join('\n', merges.Take(21)) + "\n");
        var error = CommandLine.Fail(TinyRun.Arguments(data, folder.File("other"), 2, 2, "--model", "gpt2-mini-4k", "--tokenizer", vocabulary));
        Assert.Contains("merges.txt' ends with line 21 and has 20 merges, but 310 tokens - 256 bytes - 1 special = 53", error);
        Assert.False(Directory.Exists(folder.File("other")));
    }

    private static (int? Begin, int? End) EndOf(string path)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "config.json")));
        int? Number(string key) => config.RootElement.GetProperty(key) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : null;
        return (Number("bos_token_id"), Number("eos_token_id"));
    }

    /// <summary>GPT-2's character for a byte.</summary>
    private static string VisibleName(int value) => $"{value switch
    {
        <= 32 => (char)(256 + value),
        >= 127 and <= 160 => (char)(256 + value - 94),
        173 => '\u0143',
        _ => (char)value,
    }}";
}
