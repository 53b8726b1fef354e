using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Texts and token files in one folder, splits that are too short, files that hold something else.</summary>
public sealed class DataFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> notes = [];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("notes.bin")]
    [InlineData("train.bin")]
    [InlineData("deeper/notes.bin")]
    [InlineData("train.bin", "val.bin", "notes.bin")]
    public void ATokenFileBesideTextsIsNotGuessedAbout(params string[] names)
    {
        folder.Write("docs.txt", "A text.");
        foreach (var name in names)
            folder.Write(name, new byte[800]);
        var message = Assert.Throws<GptGenException>(() => Load(folder.Path)).Message;
        Assert.Contains($"'{folder.File("docs.txt")}'", message);
        Assert.Contains($"'{folder.File(names.Order(StringComparer.Ordinal).First())}'", message);
        Assert.Contains("not both", message);
        Assert.Contains("not both", Assert.Throws<GptGenException>(() => TextCorpus.Load(folder.Path)).Message);
    }

    /// <summary>What nanoGPT's and llm.c's preparations leave behind: the source of the tokens lies beside them.</summary>
    [Theory]
    [InlineData("train.bin", "val.bin", "input.txt", "prepare.py", "readme.md")]
    [InlineData("tiny_shakespeare_train.bin", "tiny_shakespeare_val.bin", "tiny_shakespeare.txt")]
    public void APreparedFolderGivesItsTokensAndSaysWhatItLeavesOut(string training, string validation, params string[] others)
    {
        TokenFile.Write(folder.File(training), [1, 2, 3], TokenFileFormat.NanoGpt);
        TokenFile.Write(folder.File(validation), [4, 5], TokenFileFormat.NanoGpt);
        foreach (var other in others)
            folder.Write(other, "text");
        using var data = Load(folder.Path);
        Assert.Equal((3, 2), (data.Split().Training.Count, data.Split().Validation.Count));
        Assert.All(others, other => Assert.Contains(other, Assert.Single(notes)));
    }

    [Theory]
    [InlineData("train.bin", "val.bin", "test.bin", 3, true)]
    [InlineData("wiki_train_0.bin", "wiki_val_0.bin", "wiki_test_0.bin", 3, true)]
    [InlineData("a.bin", "val.bin", "contest.bin", 5, false)]
    [InlineData("train.bin", "val.bin", "test_train.bin", 5, false)]
    public void WhatIsKeptToTestWithIsNotTrainedOn(string training, string validation, string test, int count, bool isSaid)
    {
        TokenFile.Write(folder.File(training), [1, 2, 3], TokenFileFormat.NanoGpt);
        TokenFile.Write(folder.File(validation), [4], TokenFileFormat.NanoGpt);
        TokenFile.Write(folder.File(test), [5, 6], TokenFileFormat.NanoGpt);
        using var data = Load(folder.Path);
        Assert.Equal((count, 1), (data.Split().Training.Count, data.Split().Validation.Count));
        Assert.Equal(isSaid, notes.Exists(note => note.Contains($"to test with are left out ({test})")));
        using var named = Load(folder.File(test));
        Assert.Equal(2, named.ForEvaluation.Count);
        if (!isSaid)
            return;
        folder.Write("prepare.py", "text");
        using var prepared = Load(folder.Path);
        Assert.Equal(count, prepared.Split().Training.Count);
    }

    [Fact]
    public void FilesToTestWithAloneAreWhatIsAskedFor()
    {
        TokenFile.Write(folder.File("test.bin"), [5, 6], TokenFileFormat.NanoGpt);
        using var data = Load(folder.Path);
        Assert.Equal(2, data.ForEvaluation.Count);
        Assert.Empty(notes);
    }

    [Fact]
    public void TokensAloneNeedNoNote()
    {
        TokenFile.Write(folder.File("a.bin"), [1, 2, 3], TokenFileFormat.NanoGpt);
        TokenFile.Write(folder.File("b.BIN"), [4], TokenFileFormat.NanoGpt);
        folder.Write("empty.txt", "");
        folder.Write(".hidden", "text");
        using var data = Load(folder.Path);
        Assert.Equal(4, data.ForEvaluation.Count);
        Assert.Empty(notes);
    }

    [Fact]
    public void ASplitThatIsTooShortIsNamed()
    {
        TokenFile.Write(folder.File("train.bin"), new int[400], TokenFileFormat.NanoGpt);
        TokenFile.Write(folder.File("val.bin"), [1], TokenFileFormat.NanoGpt);
        using var data = Load(folder.Path);
        var message = Assert.Throws<GptGenException>(() => new SequentialBatches(data.Split().Validation, 2, 8)).Message;
        Assert.Contains($"'{folder.File("val.bin")}', which has 1 token:", message);
        Assert.Contains(
            $"'{folder.File("train.bin")}', which has 400 tokens",
            Assert.Throws<GptGenException>(() => new RandomBatches(data.Split().Training, 400, 1)).Message);

        using var text = Load(folder.Write("short.txt", "A word."));
        Assert.Contains(
            $"the part of '{folder.File("short.txt")}' to validate on, which has 1 token:",
            Assert.Throws<GptGenException>(() => new SequentialBatches(text.Split().Validation, 2, 8)).Message);
        Assert.Contains(
            $"the part of '{folder.File("short.txt")}' to train on, which has 6 tokens",
            Assert.Throws<GptGenException>(() => new RandomBatches(text.Split().Training, 8, 1)).Message);
    }

    [Theory]
    [InlineData("utf-16", "is UTF-16")]
    [InlineData("utf-16BE", "is UTF-16")]
    [InlineData("utf-32", "is UTF-32")]
    public void AnotherEncodingIsNamed(string name, string cause)
    {
        var encoding = Encoding.GetEncoding(name);
        var path = folder.Write("a.txt", [.. encoding.GetPreamble(), .. encoding.GetBytes("Übung")]);
        var message = Assert.Throws<GptGenException>(() => TextCorpus.Load(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(cause, message);
    }

    [Theory]
    [InlineData("a\rb\r\nc\n")]
    [InlineData("a\0b")]
    public void TextIsKeptAsItIs(string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(TextCorpus.Load(folder.Write("a.txt", text)).Documents.Single()));

    [Fact]
    public void TokenizingCanBeStopped()
    {
        var text = TextCorpus.FromText("a text", new string('x', 100));
        foreach (var tokenizer in new Tokenizer[] { ByteTokenizer.Instance, BytePairTokenizer.Gpt2 })
            Assert.Throws<OperationCanceledException>(() => text.Tokenize(tokenizer, new(canceled: true)));
        // Also in the middle of a document.
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        var words = TextCorpus.FromText("words", string.Join(' ', Enumerable.Range(0, 4_000_000)));
        Assert.Throws<OperationCanceledException>(() => words.Tokenize(BytePairTokenizer.Gpt2, soon.Token));
        Assert.Throws<OperationCanceledException>(() => TextCorpus.Load([folder.Write("a.txt", "x")], note: null, new(canceled: true)));
    }

    private TokenizedData Load(string path) =>
        TokenizedData.Load([path], ByteTokenizer.Instance, 256, default, notes.Add, TestContext.Current.CancellationToken);
}
