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

    /// <summary>Counters that the vector form advances at a time.</summary>
    private const int Lanes = 8;

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
                EightBlocks(key, first, z, w, destination);
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

    /// <summary>Eight counters side by side, one in each lane; the result is turned so that each block's words lie together.</summary>
    private static void EightBlocks(ulong key, ulong first, uint counterZ, uint counterW, Span<uint> destination)
    {
        var counters = Vector256.Create(first) + Vector256.Create(0UL, 1, 2, 3);
        var later = counters + Vector256.Create(4UL);
        var x = Vector256.Narrow(counters, later);
        var y = Vector256.Narrow(counters >>> 32, later >>> 32);
        var z = Vector256.Create(counterZ);
        var w = Vector256.Create(counterW);
        var (key0, key1) = ((uint)key, (uint)(key >> 32));
        var multiplier0 = Vector256.Create(Multiplier0);
        var multiplier1 = Vector256.Create(Multiplier1);
        for (var round = 0; round < Rounds; round++)
        {
            var (low0, high0) = Multiply(x, multiplier0);
            var (low1, high1) = Multiply(z, multiplier1);
            (x, y, z, w) = (high1 ^ y ^ Vector256.Create(key0), low1, high0 ^ w ^ Vector256.Create(key1), low0);
            key0 += KeyStep0;
            key1 += KeyStep1;
        }

        // A 4 x 4 transpose in each half: the lower half then holds blocks 0 to 3, the upper half blocks 4 to 7.
        var xyLow = Avx2.UnpackLow(x, y).AsUInt64();
        var xyHigh = Avx2.UnpackHigh(x, y).AsUInt64();
        var zwLow = Avx2.UnpackLow(z, w).AsUInt64();
        var zwHigh = Avx2.UnpackHigh(z, w).AsUInt64();
        var blocks04 = Avx2.UnpackLow(xyLow, zwLow).AsUInt32();
        var blocks15 = Avx2.UnpackHigh(xyLow, zwLow).AsUInt32();
        var blocks26 = Avx2.UnpackLow(xyHigh, zwHigh).AsUInt32();
        var blocks37 = Avx2.UnpackHigh(xyHigh, zwHigh).AsUInt32();
        ref var target = ref MemoryMarshal.GetReference(destination[..(Lanes * WordsPerBlock)]);
        Avx2.Permute2x128(blocks04, blocks15, 0x20).StoreUnsafe(ref target, 0);
        Avx2.Permute2x128(blocks26, blocks37, 0x20).StoreUnsafe(ref target, 8);
        Avx2.Permute2x128(blocks04, blocks15, 0x31).StoreUnsafe(ref target, 16);
        Avx2.Permute2x128(blocks26, blocks37, 0x31).StoreUnsafe(ref target, 24);
    }

    /// <summary>Low and high halves of the 64-bit product in each lane; the instruction multiplies the even lanes only.</summary>
    private static (Vector256<uint> Low, Vector256<uint> High) Multiply(Vector256<uint> value, Vector256<uint> multiplier)
    {
        const byte OddLanes = 0b10101010;
        var even = Avx2.Multiply(value, multiplier);
        var odd = Avx2.Multiply((value.AsUInt64() >>> 32).AsUInt32(), multiplier);
        var low = Avx2.Blend(even.AsUInt32(), (odd << 32).AsUInt32(), OddLanes);
        var high = Avx2.Blend((even >>> 32).AsUInt32(), odd.AsUInt32(), OddLanes);
        return (low, high);
    }
}
