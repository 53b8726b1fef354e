using System.Runtime.CompilerServices;
using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>A type of weights by blocks of 32 elements, as kernels read them; its members are inlined and leave vectors in registers.</summary>
internal unsafe interface IWeightBlocks
{
    /// <summary>Bytes of a block.</summary>
    static abstract int Bytes { get; }

    /// <summary>What the elements are to be multiplied with.</summary>
    static abstract float Scale(byte* block);

    /// <summary>Elements of a block from the one at <paramref name="k"/> on.</summary>
    static abstract TVector Load<TSimd, TVector>(byte* block, nint k, TVector scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;
}

/// <summary><see cref="ElementType.BF16"/>.</summary>
internal readonly unsafe struct BFloat16Blocks : IWeightBlocks
{
    /// <inheritdoc/>
    public static int Bytes => QuantizedBlocks.Elements * sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block) => 1f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* block, nint k, TVector scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.LoadBFloat16((ushort*)block + k);
}

/// <summary><see cref="ElementType.Q8_0"/>.</summary>
internal readonly unsafe struct ByteBlocks : IWeightBlocks
{
    /// <inheritdoc/>
    public static int Bytes => QuantizedBlocks.Size;

    /// <summary>
    /// The finite binary16 at a block's beginning: its bits moved to where a binary32 has them, with the exponent counted from there. Numbers below
    /// the normal ones of binary16 come out above a constant, so that no operation meets one below binary32's, which processors are slow with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block)
    {
        const uint Exponent = 112 << 23;
        const float LeastNormal = 6.103515625e-5f;
        uint bits = *(ushort*)block, magnitude = (bits & 0x7FFF) << 13;
        uint sign = (bits & 0x8000) << 16;
        if ((bits & 0x7C00) != 0)
            return BitConverter.UInt32BitsToSingle((magnitude + Exponent) | sign);
        float small = BitConverter.UInt32BitsToSingle(magnitude + Exponent + (1 << 23)) - LeastNormal;
        return sign == 0 ? small : -small;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* block, nint k, TVector scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Multiply(TSimd.LoadSigned((sbyte*)block + sizeof(ushort) + k), scale);
}

/// <summary><see cref="ElementType.IQ4_NL"/>.</summary>
internal readonly unsafe struct PairBlocks : IWeightBlocks
{
    /// <inheritdoc/>
    public static int Bytes => NibbleBlocks.Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block) => ByteBlocks.Scale(block);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* block, nint k, TVector scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Multiply(TSimd.LoadLevels(block + sizeof(ushort), k), scale);
}
