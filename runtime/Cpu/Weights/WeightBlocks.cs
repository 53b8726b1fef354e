using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>A type of weights by blocks of 32 elements, as kernels read them; its members are inlined and leave vectors in registers.</summary>
internal unsafe interface IWeightBlocks
{
    /// <summary>Bytes of a block.</summary>
    static abstract int Bytes { get; }

    /// <summary>What the elements of four blocks are to be multiplied with.</summary>
    static abstract Vector128<float> Scales(byte* block0, byte* block1, byte* block2, byte* block3);

    /// <summary>What <see cref="Load"/> asks for of a block's scale.</summary>
    static abstract TVector Prepare<TSimd, TVector>(float scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;

    /// <summary>Elements of a block from the one at <paramref name="k"/> on.</summary>
    static abstract TVector Load<TSimd, TVector>(byte* block, nint k, TVector prepared)
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
    public static Vector128<float> Scales(byte* block0, byte* block1, byte* block2, byte* block3) => Vector128<float>.One;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Prepare<TSimd, TVector>(float scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Create(scale);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* block, nint k, TVector prepared)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.LoadBFloat16((ushort*)block + k);
}

/// <summary><see cref="ElementType.Q8_0"/>.</summary>
internal readonly unsafe struct ByteBlocks : IWeightBlocks
{
    /// <inheritdoc/>
    public static int Bytes => QuantizedBlocks.Size;

    /// <summary>
    /// The finite binary16 at each block's beginning: its bits moved to where a binary32 has them, with the exponent counted from there. Numbers
    /// below the normal ones of binary16 come out above a constant, so that no operation meets one below binary32's, which processors are slow with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales(byte* block0, byte* block1, byte* block2, byte* block3)
    {
        const uint Exponent = 112 << 23;
        const float LeastNormal = 6.103515625e-5f;
        Vector128<uint> bits = Vector128.Create((uint)*(ushort*)block0, *(ushort*)block1, *(ushort*)block2, *(ushort*)block3);
        Vector128<uint> magnitude = ((bits & Vector128.Create(0x7FFFu)) << 13) + Vector128.Create(Exponent);
        Vector128<uint> small = ((magnitude + Vector128.Create(1u << 23)).AsSingle() - Vector128.Create(LeastNormal)).AsUInt32();
        Vector128<uint> isSmall = Vector128.Equals(bits & Vector128.Create(0x7C00u), Vector128<uint>.Zero);
        return (Vector128.ConditionalSelect(isSmall, small, magnitude) | ((bits & Vector128.Create(0x8000u)) << 16)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Prepare<TSimd, TVector>(float scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Create(scale);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* block, nint k, TVector prepared)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Multiply(TSimd.LoadSigned((sbyte*)block + sizeof(ushort) + k), prepared);
}

/// <summary><see cref="ElementType.IQ4_NL"/>.</summary>
internal readonly unsafe struct PairBlocks : IWeightBlocks
{
    /// <inheritdoc/>
    public static int Bytes => NibbleBlocks.Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales(byte* block0, byte* block1, byte* block2, byte* block3) =>
        ByteBlocks.Scales(block0, block1, block2, block3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Prepare<TSimd, TVector>(float scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.ScaledLevels(scale);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* block, nint k, TVector prepared)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.LoadLevels(block + sizeof(ushort), k, prepared);
}
