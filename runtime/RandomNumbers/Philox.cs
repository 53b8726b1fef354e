using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GptGen.RandomNumbers;

/// <summary>Four 32-bit words: the counter that Philox takes and the block that it gives.</summary>
/// <param name="X">Word 0.</param>
/// <param name="Y">Word 1.</param>
/// <param name="Z">Word 2.</param>
/// <param name="W">Word 3.</param>
public readonly record struct Words4(uint X, uint Y, uint Z, uint W);

/// <summary>
/// Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
/// 1, 2, 3" (SC 2011). A block is a pure function of key and counter, so every device, thread and resumed run finds the same
/// number for the same element without any state in between.
/// </summary>
public static class Philox
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint KeyStep0 = 0x9E3779B9;
    private const uint KeyStep1 = 0xBB67AE85;

    /// <summary>Words that one counter gives.</summary>
    public const int WordsPerBlock = 4;

    /// <summary>Counters that the vector form takes at a time.</summary>
    private const int Lanes = 4;

    /// <summary>The block of one counter.</summary>
    /// <param name="key">The two key words, word 0 in the low half.</param>
    /// <param name="counter">The counter.</param>
    public static Words4 Block(ulong key, Words4 counter)
    {
        var (x, y, z, w) = counter;
        var (key0, key1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * x;
            var product1 = (ulong)Multiplier1 * z;
            (x, y, z, w) = ((uint)(product1 >> 32) ^ y ^ key0, (uint)product1, (uint)(product0 >> 32) ^ w ^ key1, (uint)product0);
            key0 += KeyStep0;
            key1 += KeyStep1;
        }

        return new Words4(x, y, z, w);
    }

    /// <summary>The words of consecutive counters, in order: block after block, word 0 to 3 in each.</summary>
    /// <param name="key">The two key words, word 0 in the low half.</param>
    /// <param name="first">Counter words 0 (low half) and 1 (high half) of the first block; they count up together as 64 bits.</param>
    /// <param name="z">Counter word 2 of every block.</param>
    /// <param name="w">Counter word 3 of every block.</param>
    /// <param name="destination">Receives the words; a length that is no multiple of four cuts the last block short.</param>
    public static void Fill(ulong key, ulong first, uint z, uint w, Span<uint> destination)
    {
        if (Avx2.IsSupported)
        {
            for (; destination.Length >= Lanes * WordsPerBlock; destination = destination[(Lanes * WordsPerBlock)..])
            {
                FourBlocks(key, first, z, w, destination);
                first += Lanes;
            }
        }

        FillBlockwise(key, first, z, w, destination);
    }

    /// <summary>What <see cref="Fill"/> does, one block at a time: its remainder, and its whole work where AVX2 is missing.</summary>
    internal static void FillBlockwise(ulong key, ulong first, uint z, uint w, Span<uint> destination)
    {
        Span<Words4> block = stackalloc Words4[1];
        while (!destination.IsEmpty)
        {
            block[0] = Block(key, new Words4((uint)first, (uint)(first >> 32), z, w));
            var words = MemoryMarshal.Cast<Words4, uint>(block);
            var count = Math.Min(WordsPerBlock, destination.Length);
            words[..count].CopyTo(destination);
            destination = destination[count..];
            first++;
        }
    }

    /// <summary>
    /// Four counters side by side, each word in the low half of a 64-bit lane. What gathers in the high halves does no harm: the
    /// multiplication reads the low halves only.
    /// </summary>
    private static void FourBlocks(ulong key, ulong first, uint counterZ, uint counterW, Span<uint> destination)
    {
        var x = Vector256.Create(first) + Vector256.Create(0UL, 1, 2, 3);
        var y = x >>> 32;
        var z = Vector256.Create((ulong)counterZ);
        var w = Vector256.Create((ulong)counterW);
        var key0 = Vector256.Create((uint)key);
        var key1 = Vector256.Create((uint)(key >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = Avx2.Multiply(x.AsUInt32(), Vector256.Create(Multiplier0));
            var product1 = Avx2.Multiply(z.AsUInt32(), Vector256.Create(Multiplier1));
            (x, y, z, w) = ((product1 >>> 32) ^ y ^ key0.AsUInt64(), product1, (product0 >>> 32) ^ w ^ key1.AsUInt64(), product0);
            key0 += Vector256.Create(KeyStep0);
            key1 += Vector256.Create(KeyStep1);
        }

        // Each lane joins its words in pairs; unpacking then brings a block's pairs together, blocks 0 and 2 first, then 1 and 3.
        const byte OddWords = 0b10101010;
        var xy = Avx2.Blend(x.AsUInt32(), (y << 32).AsUInt32(), OddWords).AsUInt64();
        var zw = Avx2.Blend(z.AsUInt32(), (w << 32).AsUInt32(), OddWords).AsUInt64();
        var blocks02 = Avx2.UnpackLow(xy, zw).AsUInt32();
        var blocks13 = Avx2.UnpackHigh(xy, zw).AsUInt32();
        ref var target = ref MemoryMarshal.GetReference(destination[..(Lanes * WordsPerBlock)]);
        Avx2.Permute2x128(blocks02, blocks13, 0x20).StoreUnsafe(ref target);
        Avx2.Permute2x128(blocks02, blocks13, 0x31).StoreUnsafe(ref target, (nuint)Vector256<uint>.Count);
    }
}
