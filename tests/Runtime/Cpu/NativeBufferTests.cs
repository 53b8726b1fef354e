using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

public sealed unsafe class NativeBufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1001)]
    [InlineData(3 << 20)]
    public void IsZeroedAlignedAndWritable(int floats)
    {
        using NativeBuffer buffer = NativeBuffer.OfFloats(floats);
        Assert.Equal(0, (nint)buffer.Floats % 64);
        Assert.Equal((nint)floats * sizeof(float), buffer.Bytes);
        Assert.False(new ReadOnlySpan<float>(buffer.Floats, floats).ContainsAnyExcept(0f));
        new Span<float>(buffer.Floats, floats).Fill(1f);
    }

    [Fact]
    public void RefusesUseAfterDisposal()
    {
        NativeBuffer buffer = NativeBuffer.OfFloats(10);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)buffer.Floats);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBuffer(0));
    }
}
