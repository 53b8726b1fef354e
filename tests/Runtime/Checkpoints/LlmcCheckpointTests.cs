using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class LlmcCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheLayoutIsLlmcs()
    {
        var model = TestModel.Create().Fill();
        ModelCheckpoint.Save(model, folder.File("x.bin"));
        var bytes = File.ReadAllBytes(folder.File("x.bin"));
        Assert.Equal([20240326, 3, 6, 11, 2, 2, 4, 128], MemoryMarshal.Cast<byte, int>(bytes)[..8].ToArray());
        var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(1024));
        Assert.Equal(model.Read("wte.weight"), values[..44].ToArray());
        Assert.True(values[44..(128 * 4)].IndexOfAnyExcept(0f) < 0);
        // After both tables: every layer's first gain, first bias, then the projections to query, key and value as [out, in].
        var blocks = values[((128 + 6) * 4)..];
        Assert.Equal(model.Read("h.1.ln_1.weight"), blocks[4..8].ToArray());
        Assert.Equal(model.Read("h.0.ln_1.bias"), blocks[8..12].ToArray());
        Assert.Equal(model.Read("h.0.attn.c_attn.weight"), blocks[16..64].ToArray());
        Assert.Equal(model.Read("ln_f.bias"), values[^4..].ToArray());
    }

    [Theory]
    [InlineData(ElementType.F32, 0)]
    [InlineData(ElementType.BF16, 2e-3f)]
    public void WhatIsWrittenIsRead(ElementType type, float tolerance)
    {
        var model = TestModel.Create().Fill();
        ModelCheckpoint.Save(model, folder.File("x.bin"), type);
        var copy = TestModel.Create();
        ModelCheckpoint.Load(copy, folder.File("x.bin"));
        Assert.All(model.ReadAll().Zip(copy.ReadAll()), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance));
    }

    [Theory]
    [InlineData(0, 1, "not an llm.c model")]
    [InlineData(1, 1, "version 1")]
    [InlineData(2, 7, "its context is 7, but TestModel has 6")]
    [InlineData(5, 4, "its number of heads is 4")]
    [InlineData(7, 10, "fewer")]
    [InlineData(7, 256, "its header promises")]
    public void AWrongHeaderIsRefused(int field, int value, string reason)
    {
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.File("x.bin"));
        var bytes = File.ReadAllBytes(folder.File("x.bin"));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(field * 4), value);
        var path = folder.Write("y.bin", bytes);
        Assert.Contains(reason, Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), path)).Message);
    }

    [Fact]
    public void WhatLlmcCannotHoldIsRefused()
    {
        Assert.Contains(
            "tied head", Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(TestModel.Create(tied: false), folder.File("x.bin"))).Message);
        Assert.Contains(
            "F16", Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(TestModel.Create(), folder.File("x.bin"), ElementType.F16)).Message);
        var path = folder.Write("short.bin", [1, 2, 3]);
        Assert.Contains("too few", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), path)).Message);
        Assert.False(File.Exists(folder.File("x.bin")));
    }
}
