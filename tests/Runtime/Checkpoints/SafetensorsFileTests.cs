using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EveryTypeIsWidenedExactly()
    {
        var header = """
            {"__metadata__":{"format":"pt"},
             "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
             "b":{"dtype":"F16","shape":[1,3],"data_offsets":[8,14]},
             "c":{"dtype":"BF16","shape":[2],"data_offsets":[14,18]},
             "number":{"dtype":"F32","shape":[],"data_offsets":[18,22]},
             "empty":{"dtype":"F32","shape":[0,7],"data_offsets":[22,22]},
             "mask":{"dtype":"BOOL","shape":[2],"data_offsets":[22,24]}}
            """;
        ReadOnlySpan<float> floats = [1.5f, -2];
        ReadOnlySpan<ushort> halves = [0x3C00, 0x8001, 0x7C00];
        ReadOnlySpan<ushort> brains = [0x3F80, 0xC040];
        ReadOnlySpan<float> number = [7];
        byte[] data = [
            .. MemoryMarshal.AsBytes(floats), .. MemoryMarshal.AsBytes(halves), .. MemoryMarshal.AsBytes(brains), .. MemoryMarshal.AsBytes(number), 1,
            0];
        using var file = SafetensorsFile.Open(folder.Write("x.safetensors", RawSafetensors.Bytes(header, data)));

        Assert.Equal([1.5f, -2], file.ReadAll("a"));
        Assert.Equal([1, -MathF.Pow(2, -24), float.PositiveInfinity], file.ReadAll("b"));
        Assert.Equal([1, -3], file.ReadAll("c"));
        Assert.Equal([7], file.ReadAll("number"));
        Assert.Empty(file.ReadAll("empty"));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("[1, 3]", file["b"].ShapeText);
        Assert.Contains("'mask'", Assert.Throws<GptGenException>(() => file.ReadAll("mask")).Message);
        Assert.Contains("'nothing'", Assert.Throws<GptGenException>(() => file.ReadAll("nothing")).Message);
    }

    [Theory]
    [InlineData("""[]""", "not a JSON object")]
    [InlineData("""{"a":1}""", "'a' is not an object")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "'a' occurs twice")]
    [InlineData("""{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", "unknown dtype 'F33'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "not a list of counts")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", "not a list of counts")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", "lies at bytes 0 to 12 of 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "lies at bytes 8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", "takes 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "4 bytes before tensor 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "4 bytes at its end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "needs a dtype")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "repeated 'dtype'")]
    [InlineData("""{"__metadata__":{"a":1}}""", "not a string")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", "'a' occurs twice")]
    [InlineData("""{"a":[[[[[[[[[[1]]]]]]]]]]}""", "'a' is not an object")]
    [InlineData("""{"a":{"x":[[[[[[[[[[1]]]]]]]]]]}}""", "not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "not valid JSON")]
    [InlineData("""{} x""", "not valid JSON")]
    public void AWrongHeaderIsRefused(string header, string reason) => AssertRefused(RawSafetensors.Bytes(header, new byte[8]), reason);

    [Fact]
    public void ALyingLengthIsRefused()
    {
        AssertRefused([], "an empty file");
        AssertRefused([1, 2, 3], "3 bytes");
        AssertRefused(RawSafetensors.Bytes("{}", [], 3), "only 2 follow");
        AssertRefused(RawSafetensors.Bytes("{}", [], ulong.MaxValue), "limit");
        AssertRefused(RawSafetensors.Bytes([(byte)'{', 0xFF, (byte)'}'], []), "not UTF-8");
    }

    [Fact]
    public void MissingFilesAndFoldersAreNamed()
    {
        Assert.Contains("does not exist", Assert.Throws<GptGenException>(() => SafetensorsFile.Open(folder.File("none"))).Message);
        Assert.Contains("is a folder", Assert.Throws<GptGenException>(() => SafetensorsFile.Open(folder.Path)).Message);
    }

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    public void WhatIsWrittenIsReadAndTheBytesAreTheSameEachTime(ElementType type)
    {
        float[] values = [1, -0.5f, 0, 65280, 1 / 3f];
        var tensors = new[]
        {
            new TensorSource("x", [5], (first, part) => values.AsSpan((int)first, part.Length).CopyTo(part)),
            new TensorSource("empty", [0], static (_, _) => { }),
            new TensorSource("one", [], static (_, part) => part.Fill(3)),
        };
        var metadata = new Dictionary<string, string> { ["b"] = "2", ["a"] = "ä\n" };
        SafetensorsWriter.Write(folder.File("1"), tensors, type, metadata);
        SafetensorsWriter.Write(folder.File("2"), tensors, type, metadata);
        Assert.Equal(File.ReadAllBytes(folder.File("1")), File.ReadAllBytes(folder.File("2")));

        using var file = SafetensorsFile.Open(folder.File("1"));
        var third = type switch { ElementType.F32 => 1 / 3f, ElementType.F16 => 0.33325195f, _ => 0.33398438f };
        Assert.Equal([1, -0.5f, 0, 65280, third], file.ReadAll("x"));
        Assert.Equal([3], file.ReadAll("one"));
        Assert.Empty(file["one"].Shape);
        Assert.Equal(metadata, file.Metadata);
    }

    [Fact]
    public void ANumberTooLargeForTheTypeIsRefusedAndNothingIsLeft()
    {
        var tensors = new[] { new TensorSource("x", [1], static (_, part) => part.Fill(1e6f)) };
        Assert.Contains("'x'", Assert.Throws<GptGenException>(() => SafetensorsWriter.Write(folder.File("1"), tensors, ElementType.F16)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private void AssertRefused(byte[] bytes, string reason)
    {
        var path = folder.Write("x.safetensors", bytes);
        var message = Assert.Throws<GptGenException>(() => SafetensorsFile.Open(path)).Message;
        Assert.Contains(reason, message);
        Assert.Contains(path, message);
        Assert.DoesNotContain('\n', message);
    }
}
