using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public sealed class TextCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FoldersAreReadInOrdinalOrderWithoutHiddenOrEmptyFiles()
    {
        _folder.Write("b.txt", "second");
        _folder.Write("B.txt", "first");
        _folder.Write("empty.txt", "");
        _folder.Write("c/a.md", "third");
        _folder.Write(".git/x.txt", "hidden");
        _folder.Write("c/.hidden", [0xFF]);
        Assert.Equal(["first", "second", "third"], Documents(TextCorpus.Load(_folder.Path)));
        Assert.Equal(["third", "first"], Documents(TextCorpus.Load(_folder.File("c"), _folder.File("B.txt"))));
    }

    [Fact]
    public void ByteOrderMarksAreDropped()
    {
        var corpus = TextCorpus.Load(_folder.Write("a.txt", [0xEF, 0xBB, 0xBF, (byte)'x']));
        Assert.Equal(["x"], Documents(corpus));
        Assert.Equal(1, corpus.ByteCount);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xC3, 0xA9, 0xFF, 0x62 }, "byte 3 (0xFF)")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "byte 0 (0xED)")]
    [InlineData(new byte[] { 0x61, 0x62, 0xE4, 0xB8 }, "byte 2 (0xE4)")]
    public void InvalidUtf8IsRefusedWithItsPlace(byte[] bytes, string cause)
    {
        var path = _folder.Write("bad.txt", bytes);
        var error = Assert.Throws<GptGenException>(() => TextCorpus.Load(_folder.Path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==", "compressed with gzip, not text: unpack it with gunzip, or leave it out")]
    [InlineData("UEsDBBQAAAAIAP//", "a zip archive, not text: unpack it and name what is inside, or leave it out")]
    [InlineData("UEFSMRUEFf8=", "a Parquet file, not text: write its text to a file in UTF-8, or leave it out")]
    [InlineData("JVBERi0xLjQKJeLjz9M=", "a PDF document, not text: write its text to a file in UTF-8, or leave it out")]
    [InlineData("gASVBAAAAAAAAAB9lC7/", "a Python pickle, not text: write its text to a file in UTF-8, or leave it out")]
    public void WhatIsNoTextIsNamedByItsKind(string bytes, string kind) => Refused(Convert.FromBase64String(bytes), kind);

    [Theory]
    [InlineData("utf-16", "UTF-16")]
    [InlineData("utf-16BE", "UTF-16BE")]
    [InlineData("utf-16LE", "UTF-16LE")]
    public void Utf16WithoutAMarkIsNotTakenForLettersAndZeros(string encoding, string name) =>
        Refused(
            [.. encoding == "utf-16" ? Encoding.Unicode.Preamble : [], .. Encoding.GetEncoding(encoding).GetBytes("Hello, “world”. And more")],
            $"is {name}, not UTF-8");

    [Fact]
    public void APointerOfGitIsNotTheTextThatItStandsFor() =>
        Refused(
            Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 5\n"),
            "a Git LFS pointer in place of the file: run 'git lfs pull'");

    [Theory]
    [InlineData("<!DOCTYPE html><p>A page.</p>")]
    [InlineData("%PDF is how a PDF begins")]
    [InlineData("zeros \0\0 in a text")]
    [InlineData("\0")]
    [InlineData("a\0")]
    [InlineData("\uFEFFtwo marks\uFEFF")]
    public void OtherTextsAreReadAsTheyAre(string text) =>
        Assert.Equal([text.TrimStart('\uFEFF')], Documents(TextCorpus.Load(_folder.Write("a.txt", text))));

    private void Refused(byte[] bytes, string cause)
    {
        var path = _folder.Write("a.txt", bytes);
        var message = Assert.Throws<GptGenException>(() => TextCorpus.Load(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(cause, message, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingToReadIsRefused()
    {
        Assert.Contains("no text", Assert.Throws<GptGenException>(() => TextCorpus.Load(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "no text", Assert.Throws<GptGenException>(() => TextCorpus.Load(_folder.Write("empty", ""))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "does not exist", Assert.Throws<GptGenException>(() => TextCorpus.Load(_folder.File("absent"))).Message, StringComparison.Ordinal);
        Assert.Throws<GptGenException>(() => TextCorpus.FromText("a prompt", ""));
    }

    [Fact]
    public void DocumentsAreSeparatedWhereTheVocabularyCanSaySo()
    {
        _folder.Write("1", "Hello world");
        _folder.Write("2", " don't");
        var corpus = TextCorpus.Load(_folder.Path);
        Assert.Equal([50256, 15496, 995, 50256, 836, 470], corpus.Tokenize(BytePairTokenizer.Gpt2));
        Assert.Equal("Hello world don't", ByteTokenizer.Instance.Decode(corpus.Tokenize(ByteTokenizer.Instance)));
    }

    private static IEnumerable<string> Documents(TextCorpus corpus) => corpus.Documents.Select(Encoding.UTF8.GetString);
}
