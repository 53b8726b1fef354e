using GptGen.Checkpoints;
using GptGen.Files;
using GptGen.Runtime.Tests.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Files;

public sealed class RandomAccessFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>A mapping would end the process here.</summary>
    [Fact]
    public void AFileThatBecomesShorterIsAMessage()
    {
        var model = TestModel.Create(layers: 3, width: 64, vocabulary: 4000).Fill();
        var path = folder.File("x.safetensors");
        ModelCheckpoint.Save(model, path);
        using var file = SafetensorsFile.Open(path);
        var last = file.Tensors[^1];
        Assert.Equal(last.Count, file.ReadAll(last.Name).Length);
        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            writer.SetLength(last.Offset + 2);
        var message = Assert.Throws<GptGenException>(() => file.ReadAll(last.Name)).Message;
        Assert.Contains("became shorter", message);
        Assert.Contains(path, message);
    }

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    public void EveryPlaceIsReadInEveryType(ElementType type)
    {
        // More than one buffer of the conversion.
        const int Count = 150_000;
        var bytes = new byte[(Count * type.Size()) + 3];
        for (var index = 0; index < Count; index++)
            ElementTypes.Encode(type, [index % 200], bytes.AsSpan(3 + (index * type.Size()), type.Size()));
        using var file = RandomAccessFile.Open(folder.Write("x", bytes), "a file");
        var values = new float[Count - 7];
        file.Read(3 + (7 * type.Size()), type, values);
        Assert.Equal(Enumerable.Range(7, Count - 7).Select(static number => (float)(number % 200)), values);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(bytes.Length - 1, new byte[2]));
    }

    [Fact]
    public void WhatIsNoFileIsRefused()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "There is no such device.");
        Assert.Contains("device", Assert.Throws<GptGenException>(() => RandomAccessFile.Open("/dev/zero", "a file")).Message);
        Assert.Contains("device", Assert.Throws<GptGenException>(() => RandomAccessFile.Open("/dev/null", "a file")).Message);
        Assert.Contains("folder", Assert.Throws<GptGenException>(() => RandomAccessFile.Open(folder.Path, "a file")).Message);
    }
}
