using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>A vocabulary is learned, a model is trained with it, and the weights find it again.</summary>
public sealed class TokenizerRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AModelTrainsWritesAndIsEvaluatedWithALearnedVocabulary()
    {
        var data = folder.Write("text.txt", string.Concat(Enumerable.Repeat(TinyRun.Text, 4)));
        var tokenizer = folder.File("vocabulary");
        var learned = CommandLine.Succeed("tokenizer", "train", "--vocabulary", "310", "--data", data, "--out", tokenizer);
        Assert.StartsWith("310 tokens learned from ", learned);
        Assert.Contains("merges.txt", learned);
        Assert.Contains("already", CommandLine.Fail("tokenizer", "train", "--data", data, "--out", tokenizer));

        var run = folder.File("run");
        CommandLine.Succeed(TinyRun.Arguments(data, run, 2, 2, "--model", "gpt2-mini-4k", "--tokenizer", tokenizer));
        Assert.NotEqual("", CommandLine.Succeed("generate", "--weights", run, "--prompt", "The ", "--tokens", "5").Trim());
        using var json = JsonDocument.Parse(CommandLine.Succeed("evaluate", "--weights", run, "--data", data, "--json"));
        Assert.InRange(json.RootElement.GetProperty("loss").GetDouble(), 1, 9);
        Assert.InRange(json.RootElement.GetProperty("tokens").GetInt32(), 2, new FileInfo(data).Length / 2);

        // The folder carries its vocabulary: it can be moved, and the original may go.
        var (kept, moved) = (folder.File("kept"), folder.File("moved"));
        Directory.Move(tokenizer, kept);
        Directory.Move(run, moved);
        Assert.Equal(
            json.RootElement.GetProperty("loss").GetDouble(),
            JsonDocument.Parse(CommandLine.Succeed("evaluate", "--weights", moved, "--data", data, "--json")).RootElement.GetProperty("loss")
                .GetDouble());
        Assert.Contains("continuing after step 2", CommandLine.Succeed("train", "--resume", "--out", moved, "--steps", "3"));
        var started = folder.File("started");
        CommandLine.Succeed(TinyRun.Arguments(data, started, 2, 2, "--model", "gpt2-mini-4k", "--weights", moved));
        Assert.Equal(File.ReadAllBytes(Path.Combine(kept, "vocab.json")), File.ReadAllBytes(Path.Combine(started, "vocab.json")));

        // Another vocabulary in a run's folder is not overwritten.
        Directory.CreateDirectory(folder.File("taken"));
        folder.Write("taken/vocab.json", "{}");
        Assert.Contains(
            "belongs to another vocabulary",
            CommandLine.Fail(TinyRun.Arguments(data, folder.File("taken"), 2, 2, "--model", "gpt2-mini-4k", "--tokenizer", kept)));
        Directory.Move(kept, tokenizer);
        Assert.Contains(
            "310 tokens, but gpt2-mini has 256",
            CommandLine.Fail("train", "--data", data, "--model", "gpt2-mini", "--tokenizer", tokenizer, "--out", folder.File("other")));
    }

    [Fact]
    public void AModelTrainsWithALearnedWordPieceVocabulary()
    {
        var data = folder.Write("text.txt", string.Concat(Enumerable.Repeat(TinyRun.Text, 4)));
        var tokenizer = folder.File("vocabulary");
        string[] learn = ["tokenizer", "train", "--kind", "wordpiece", "--vocabulary", "310", "--data", data, "--out"];
        var learned = CommandLine.Succeed([.. learn, tokenizer]);
        Assert.Contains(" tokens learned from ", learned);
        Assert.Contains($"written: {Path.Combine(tokenizer, "vocab.txt")}, ", learned);
        Assert.Contains("already", CommandLine.Fail([.. learn, tokenizer]));
        string[] files = ["tokenizer.json", "tokenizer_config.json", "vocab.txt"];
        Assert.Equal(files, Directory.GetFiles(tokenizer, "*o*").Select(static path => Path.GetFileName(path)).Order());
        Assert.Equal("[PAD]", File.ReadLines(Path.Combine(tokenizer, "vocab.txt")).First());

        var cased = folder.File("cased");
        CommandLine.Succeed([.. learn, cased, "--cased"]);
        Assert.DoesNotContain(File.ReadLines(Path.Combine(tokenizer, "vocab.txt")).Skip(5), static name => name.Any(char.IsUpper));
        Assert.Contains(File.ReadLines(Path.Combine(cased, "vocab.txt")).Skip(5), static name => name.Any(char.IsUpper));

        // Any model takes it, and the run carries it.
        var run = folder.File("run");
        CommandLine.Succeed(TinyRun.Arguments(data, run, 2, 2, "--model", "gpt2-mini-4k", "--tokenizer", tokenizer));
        Assert.All(files, name => Assert.Equal(File.ReadAllBytes(Path.Combine(tokenizer, name)), File.ReadAllBytes(Path.Combine(run, name))));
        Assert.NotEqual("", CommandLine.Succeed("generate", "--weights", run, "--prompt", "The ", "--tokens", "5").Trim());
    }

    [Fact]
    public void ATextThatGivesFewerTokensSaysSo()
    {
        var output = CommandLine.Succeed("tokenizer", "train", "--data", folder.Write("text.txt", "abab abab"), "--out", folder.File("vocabulary"));
        Assert.Contains("259 tokens learned", output);
        Assert.Contains("4,096 were asked for", output);
    }

    [Theory]
    [InlineData("at least 257", "--vocabulary", "256")]
    [InlineData("must be a whole number", "--vocabulary", "many")]
    [InlineData("See 'gptgen tokenizer train --help'", "--colour")]
    [InlineData("does not exist", "--data", "none.txt")]
    [InlineData("must be one of bytepair, wordpiece", "--kind", "unigram")]
    [InlineData("--cased belongs to --kind wordpiece", "--cased")]
    public void WrongOptionsAreNamed(string cause, params string[] arguments)
    {
        Assert.Contains(cause, CommandLine.Fail(["tokenizer", "train", "--out", folder.File("vocabulary"), .. arguments]));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AModelWithoutATokenizerOfItsOwnSaysHowToMakeOne() =>
        Assert.Contains(
            "gptgen tokenizer train --vocabulary 4096", CommandLine.Fail("train", "--model", "gpt2-mini-4k", "--out", folder.File("run")));
}
