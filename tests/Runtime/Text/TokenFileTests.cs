using System.Buffers.Binary;
using System.Text;
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
        Assert.Contains(
            "absent.bin", Assert.Throws<GptGenException>(() => TokenFile.Open(_folder.File("absent.bin"), 10)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("504B0304140000000800", "zip archive")]
    [InlineData("80028A0A6CFC9C46F920", "PyTorch")]
    [InlineData("934E554D505901007600", "NumPy")]
    [InlineData("47475546030000000000", "GGUF")]
    [InlineData("5041523115000000", "Parquet")]
    [InlineData("28000000000000007B225F5F", "safetensors")]
    [InlineData("", "EvaluationFiles.HellaSwag reads", 20240522)]
    [InlineData("", "weights of llm.c", 20240326)]
    [InlineData("", "tokenizer of llm.c", 20240328)]
    [InlineData("", "Llama 3", 20240801)]
    public void OtherFilesOfThisNameAreSaidToBe(string hexadecimal, string cause, int magic = 0)
    {
        var content = new byte[1200];
        Convert.FromHexString(hexadecimal).CopyTo(content, 0);
        if (magic != 0)
            BinaryPrimitives.WriteInt32LittleEndian(content, magic);
        AssertRefused(content, cause);
    }

    [Fact]
    public void TextIsSaidToBe()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Übung macht den Meister.\r\n", 100)));
        for (var cut = 1020; cut < 1030; cut++)
            AssertRefused(text[..cut], "holds text");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void WiderNumbersAreSaidToBe(int width)
    {
        var content = new byte[100 * width];
        for (var token = 0; token < 100; token++)
            BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(token * width), token * 7 + 1);
        var path = _folder.Write("wide.bin", content);
        var message = Assert.Throws<GptGenException>(() => TokenizedData.Load([path], BytePairTokenizer.Gpt2)).Message;
        Assert.Contains($"'{path}' holds wider numbers than 16 bits", message);
    }

    [Fact]
    public void DamagedFilesGiveMessages()
    {
        TokenFile.Write(_folder.File("a.bin"), [.. Enumerable.Range(0, 100)], TokenFileFormat.LlmC);
        TokenFile.Write(_folder.File("b.bin"), [.. Enumerable.Range(0, 100)], TokenFileFormat.NanoGpt);
        foreach (var name in new[] { "a.bin", "b.bin" })
        {
            foreach (var mutant in Mutants.Of(File.ReadAllBytes(_folder.File(name)), count: 300, seed: 4))
                Mutants.AcceptsOrRefuses(() => TokenizedData.Load([_folder.Write("mutant.bin", mutant)], ByteTokenizer.Instance).Dispose(), mutant);
        }
    }

    [Fact]
    public void APipeIsRefused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        System.Diagnostics.Process.Start("mkfifo", [_folder.File("pipe.bin")]).WaitForExit();
        Assert.Contains("save it to an ordinary file", Assert.Throws<GptGenException>(() => TokenFile.Open(_folder.File("pipe.bin"), 10)).Message);
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
