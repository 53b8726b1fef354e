using System.Buffers.Binary;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public sealed class TokenFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TokenFileFormat.NanoGpt, 0)]
    [InlineData(TokenFileFormat.LlmC, 1024)]
    public void WhatIsWrittenIsReadAgain(TokenFileFormat format, int headerBytes)
    {
        int[] tokens = [.. Enumerable.Range(0, 5000).Select(i => i * 7919 % 50257)];
        var path = _folder.File("tokens.bin");
        TokenFile.Write(path, tokens, format);
        Assert.Equal(headerBytes + 2 * tokens.Length, new FileInfo(path).Length);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));

        using var file = TokenFile.Open(path, 50257);
        Assert.Equal((format, tokens.Length), (file.Format, (int)file.Count));
        Assert.Equal(tokens, Read(file, 0, tokens.Length));
        Assert.Equal(tokens[1023..4001], Read(file, 1023, 4001 - 1023));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(file, 4999, 2));
    }

    [Fact]
    public void TheLayoutsAreThePublishedOnes()
    {
        TokenFile.Write(_folder.File("nano.bin"), [1, 258, 65535], TokenFileFormat.NanoGpt);
        Assert.Equal([1, 0, 2, 1, 255, 255], File.ReadAllBytes(_folder.File("nano.bin")));

        TokenFile.Write(_folder.File("llmc.bin"), [258], TokenFileFormat.LlmC);
        var bytes = File.ReadAllBytes(_folder.File("llmc.bin"));
        Assert.Equal([0x88, 0xD8, 0x34, 0x01, 1, 0, 0, 0, 1, 0, 0, 0], bytes[..12]);
        Assert.All(bytes[12..1024], value => Assert.Equal(0, value));
        Assert.Equal([2, 1], bytes[1024..]);
    }

    [Fact]
    public void DamagedFilesAreRefused()
    {
        AssertRefused([], "is empty");
        AssertRefused([1, 2, 3], "truncated");
        AssertRefused(Header(version: 7, count: 0), "version 7");
        AssertRefused(Header(version: 1, count: 1), "announces 1 tokens");
        AssertRefused(Header(version: 1, count: -1), "announces -1 tokens");
        AssertRefused(Header(version: 1, count: 0)[..100], "announces 0 tokens");
        Assert.Contains("absent.bin", Assert.Throws<GptGenException>(() => TokenFile.Open(_folder.File("absent.bin"), 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ForeignTokensAreRefusedWithTheirPlace()
    {
        TokenFile.Write(_folder.File("a.bin"), [0, 255, 256], TokenFileFormat.NanoGpt);
        using var file = TokenFile.Open(_folder.File("a.bin"), 256);
        Assert.Equal([0, 255], Read(file, 0, 2));
        var error = Assert.Throws<GptGenException>(() => Read(file, 1, 2));
        Assert.Contains("token 256 at position 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(65536)]
    [InlineData(-1)]
    public void TokensBeyondSixteenBitsAreNotWritten(int token)
    {
        Assert.Throws<GptGenException>(() => TokenFile.Write(_folder.File("a.bin"), [0, token], TokenFileFormat.NanoGpt));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void AFailedWriteIsAClearErrorAndLeavesNothing()
    {
        Directory.CreateDirectory(_folder.File("taken.bin"));
        Assert.Throws<GptGenException>(() => TokenFile.Write(_folder.File("taken.bin"), [0], TokenFileFormat.NanoGpt));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        var file = _folder.Write("file", [1]);
        Assert.Throws<GptGenException>(() => TokenFile.Write(_folder.File("file/a.bin"), [0], TokenFileFormat.NanoGpt));
        Assert.Equal([1], File.ReadAllBytes(file));
    }

    private void AssertRefused(byte[] content, string cause)
    {
        var path = _folder.Write("bad.bin", content);
        var error = Assert.Throws<GptGenException>(() => TokenFile.Open(path, 50257));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Header(int version, int count)
    {
        var header = new byte[1024];
        BinaryPrimitives.WriteInt32LittleEndian(header, 20240520);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), count);
        return header;
    }

    private static int[] Read(TokenSource source, long start, int count)
    {
        var tokens = new int[count];
        source.Read(start, tokens);
        return tokens;
    }
}
