using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>
/// Rows of weights of a smaller type, widened to f32 exactly: a product with them has the bits of one with f32 weights of the same values. For
/// several rows of x the weights are decoded once, into the first-level cache; for one they stay in registers.
/// </summary>
internal static unsafe class WeightDecoding
{
    /// <summary>Decodes a row.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="row">It.</param>
    /// <param name="count">Elements: whole blocks.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="ahead">Bytes from what is decoded to what is asked for from memory meanwhile.</param>
    public static void Decode<TSimd, TVector>(ElementType type, byte* row, nint count, float* to, nint ahead = 0)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        switch (type)
        {
            case ElementType.BF16:
                Decode<TSimd, TVector, BFloat16Blocks>(row, count, to, ahead);
                break;
            case ElementType.Q8_0:
                Decode<TSimd, TVector, ByteBlocks>(row, count, to, ahead);
                break;
            case ElementType.IQ4_NL:
                Decode<TSimd, TVector, PairBlocks>(row, count, to, ahead);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "The CPU keeps no weights of this type.");
        }
    }

    /// <summary>sums[j] = x . w_j of four rows, summed in the order of <see cref="DotProducts"/>.</summary>
    /// <param name="type">The rows' type.</param>
    /// <param name="count">Elements: whole blocks.</param>
    /// <param name="x">x.</param>
    /// <param name="w0">The first row.</param>
    /// <param name="w1">The second one.</param>
    /// <param name="w2">The third one.</param>
    /// <param name="w3">The fourth one.</param>
    /// <param name="ahead">Bytes from what is read to what is asked for from memory meanwhile.</param>
    /// <param name="sums">The sums.</param>
    public static void OneByFour<TSimd, TVector>(
        ElementType type, nint count, float* x, byte* w0, byte* w1, byte* w2, byte* w3, nint ahead, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        switch (type)
        {
            case ElementType.BF16:
                OneByFour<TSimd, TVector, BFloat16Blocks>(count, x, w0, w1, w2, w3, ahead, sums);
                break;
            case ElementType.Q8_0:
                OneByFour<TSimd, TVector, ByteBlocks>(count, x, w0, w1, w2, w3, ahead, sums);
                break;
            case ElementType.IQ4_NL:
                OneByFour<TSimd, TVector, PairBlocks>(count, x, w0, w1, w2, w3, ahead, sums);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "The CPU keeps no weights of this type.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode<TSimd, TVector, TBlocks>(byte* row, nint count, float* to, nint ahead)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TBlocks : struct, IWeightBlocks
    {
        for (float* end = to + count; to < end; to += QuantizedBlocks.Elements, row += TBlocks.Bytes)
        {
            CacheLine.Prefetch(row + ahead);
            TVector scale = TBlocks.Prepare<TSimd, TVector>(TBlocks.Scales(row, row, row, row).ToScalar());
            for (nint k = 0; k < QuantizedBlocks.Elements; k += TSimd.Count)
                TSimd.Store(to + k, TBlocks.Load<TSimd, TVector>(row, k, scale));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByFour<TSimd, TVector, TBlocks>(
        nint count, float* x, byte* w0, byte* w1, byte* w2, byte* w3, nint ahead, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TBlocks : struct, IWeightBlocks
    {
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
        for (nint at = 0, block = 0; at < count; at += QuantizedBlocks.Elements, block += TBlocks.Bytes)
        {
            CacheLine.Prefetch(w0 + block + ahead);
            CacheLine.Prefetch(w1 + block + ahead);
            CacheLine.Prefetch(w2 + block + ahead);
            CacheLine.Prefetch(w3 + block + ahead);
            Vector128<float> scales = TBlocks.Scales(w0 + block, w1 + block, w2 + block, w3 + block);
            TVector scale0 = TBlocks.Prepare<TSimd, TVector>(scales.ToScalar()), scale1 = TBlocks.Prepare<TSimd, TVector>(scales.GetElement(1));
            TVector scale2 = TBlocks.Prepare<TSimd, TVector>(scales.GetElement(2)), scale3 = TBlocks.Prepare<TSimd, TVector>(scales.GetElement(3));

            // Written out, so that the place in the block is a constant: which half of its bytes an element lies in then costs nothing.
            AddPart(0);
            AddPart(1);
            if (TSimd.Count < 16)
            {
                AddPart(2);
                AddPart(3);
            }

            if (TSimd.Count < 8)
            {
                AddPart(4);
                AddPart(5);
                AddPart(6);
                AddPart(7);
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void AddPart(int part)
            {
                nint k = part * TSimd.Count;
                TVector value = TSimd.Load(x + at + k);
                sum0 = TSimd.MultiplyAdd(value, TBlocks.Load<TSimd, TVector>(w0 + block, k, scale0), sum0);
                sum1 = TSimd.MultiplyAdd(value, TBlocks.Load<TSimd, TVector>(w1 + block, k, scale1), sum1);
                sum2 = TSimd.MultiplyAdd(value, TBlocks.Load<TSimd, TVector>(w2 + block, k, scale2), sum2);
                sum3 = TSimd.MultiplyAdd(value, TBlocks.Load<TSimd, TVector>(w3 + block, k, scale3), sum3);
            }
        }

        TSimd.SumEach(sum0, sum1, sum2, sum3).Store(sums);
    }
}
