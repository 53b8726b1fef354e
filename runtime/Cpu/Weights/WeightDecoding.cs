using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>
/// Widens rows of weights to f32, exactly: a product with them has the bits of one with f32 weights of the same values. What is decoded stays in
/// the first-level cache, where a product reads it for less than the smaller type saves in reading from memory.
/// </summary>
internal static unsafe class WeightDecoding
{
    /// <summary>Bytes of 32 elements of <see cref="ElementType.IQ4_NL"/> that hold two elements each.</summary>
    private const int PairBytes = QuantizedBlocks.Elements / 2;

    /// <summary>Decodes a row.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="row">It.</param>
    /// <param name="count">Elements; whole blocks of a type that has blocks.</param>
    /// <param name="to">Where they go.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode<TSimd, TVector>(ElementType type, byte* row, nint count, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        switch (type)
        {
            case ElementType.BF16:
                DecodeBFloat16<TSimd, TVector>((ushort*)row, count, to);
                break;
            case ElementType.Q8_0:
                DecodeBytes<TSimd, TVector>(row, count, to);
                break;
            case ElementType.IQ4_NL:
                DecodeNibbles<TSimd, TVector>(row, count, to);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "The CPU keeps no weights of this type.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeBFloat16<TSimd, TVector>(ushort* row, nint count, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint k = 0;
        for (; k <= count - TSimd.Count; k += TSimd.Count)
            TSimd.Store(to + k, TSimd.LoadBFloat16(row + k));
        for (; k < count; k++)
            to[k] = BitConverter.UInt32BitsToSingle((uint)row[k] << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeBytes<TSimd, TVector>(byte* row, nint count, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (float* end = to + count; to < end; to += QuantizedBlocks.Elements, row += QuantizedBlocks.Size)
            Scale<TSimd, TVector>((sbyte*)row + sizeof(ushort), Scale(row), to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void DecodeNibbles<TSimd, TVector>(byte* row, nint count, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        sbyte* levels = stackalloc sbyte[QuantizedBlocks.Elements];
        Vector128<byte> table = NibbleBlocks.Levels, low = Vector128.Create((byte)0x0F);
        for (float* end = to + count; to < end; to += QuantizedBlocks.Elements, row += sizeof(ushort) + PairBytes)
        {
            Vector128<byte> pairs = Vector128.Load(row + sizeof(ushort));
            Vector128.ShuffleNative(table, pairs & low).Store((byte*)levels);
            Vector128.ShuffleNative(table, (pairs.AsUInt16() >> 4).AsByte() & low).Store((byte*)levels + PairBytes);
            Scale<TSimd, TVector>(levels, Scale(row), to);
        }
    }

    /// <summary>A block's whole numbers times its scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<TSimd, TVector>(sbyte* levels, float scale, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector factor = TSimd.Create(scale);
        for (nint k = 0; k < QuantizedBlocks.Elements; k += TSimd.Count)
            TSimd.Store(to + k, TSimd.Multiply(TSimd.LoadSigned(levels + k), factor));
    }

    /// <summary>
    /// The finite binary16 at a place. Its bits, moved to where a binary32 has them, are the number times 2^-112 whether it is normal or not, in
    /// which case the multiplication normalises it; the general conversion takes three times as long.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scale(byte* place)
    {
        uint bits = *(ushort*)place;
        return BitConverter.UInt32BitsToSingle(((bits & 0x7FFF) << 13) | ((bits & 0x8000) << 16)) * 5.192296858534828e33f;
    }
}
