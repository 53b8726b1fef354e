using GptGen.RandomNumbers;
using Xunit;

namespace GptGen.Runtime.Tests.RandomNumbers;

public class PhiloxTests
{
    /// <summary>The known answers that the authors publish with Random123 (kat_vectors, philox4x32 10).</summary>
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void GivesThePublishedBlocks(uint x, uint y, uint z, uint w, uint key0, uint key1, uint rx, uint ry, uint rz, uint rw) =>
        Assert.Equal(new Words4(rx, ry, rz, rw), Philox.Block((ulong)key1 << 32 | key0, new Words4(x, y, z, w)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1003)]
    public void VectorFormEqualsBlocks(int length)
    {
        // The counter's low word overflows within the range.
        const ulong Key = 0x0123456789abcdef;
        const ulong First = 0x00000007fffffffdUL;
        var vector = new uint[length];
        var blockwise = new uint[length];
        Philox.Fill(Key, First, 11, 13, vector);
        Philox.FillBlockwise(Key, First, 11, 13, blockwise);
        Assert.Equal(blockwise, vector);

        for (var i = 0; i < length; i += 4)
        {
            var counter = First + (ulong)i / 4;
            Assert.Equal(Philox.Block(Key, new Words4((uint)counter, (uint)(counter >> 32), 11, 13)).X, vector[i]);
        }
    }
}
