using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GptGen.Checkpoints.Gguf;

/// <summary>
/// ggml's IQ4_NL: of each 32 elements of a row a scale d as binary16 and of each element the nearest of sixteen levels times d. The levels lie
/// closer around zero, as weights do. A byte holds elements i and i + 16, i in its lower half.
/// </summary>
internal static class NibbleBlocks
{
    /// <summary>Bytes of a block.</summary>
    internal const int Size = sizeof(ushort) + QuantizedBlocks.Elements / 2;

    private const int Half = QuantizedBlocks.Elements / 2;

    /// <summary>How far, in levels, scales are tried around the one that gives the block's largest element the outermost level.</summary>
    private const int Tries = 4;

    private static readonly sbyte[] s_levels = [.. Enumerable.Range(0, Vector128<sbyte>.Count).Select(static level => Levels[level])];
    private static readonly byte[] s_nearest = FindNearest();

    /// <summary>The sixteen levels, a constant in compiled code.</summary>
    internal static Vector128<sbyte> Levels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((sbyte)-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
    }

    /// <summary>Levels of pairs: their lower halves, or from element 16 of a block on their upper ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<sbyte> LevelsOf(Vector128<byte> pairs, nint first)
    {
        var halves = (pairs.AsUInt16() >> (int)((first >> 2) & 4)).AsByte() & Vector128.Create((byte)0x0F);
        return Vector128.ShuffleNative(Levels.AsByte(), halves).AsSByte();
    }

    /// <summary>Rounds whole blocks, each with the scale that loses least.</summary>
    /// <returns>False when a number is not finite, or a scale does not fit binary16.</returns>
    internal static bool Encode(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; !source.IsEmpty; source = source[QuantizedBlocks.Elements..], destination = destination[Size..])
        {
            var block = source[..QuantizedBlocks.Elements];
            var largest = 0f;
            foreach (var value in block)
            {
                if (!float.IsFinite(value))
                    return false;
                if (Math.Abs(value) > Math.Abs(largest))
                    largest = value;
            }

            var stored = (System.Half)BestScale(block, largest);
            if (System.Half.IsInfinity(stored))
                return false;
            BinaryPrimitives.WriteHalfLittleEndian(destination, stored);
            var inverse = stored == System.Half.Zero ? 0 : 1 / (float)stored;
            var pairs = destination.Slice(sizeof(ushort), Half);
            for (var index = 0; index < Half; index++)
                pairs[index] = (byte)(Nearest(block[index] * inverse) | (Nearest(block[index + Half] * inverse) << 4));
        }

        return true;
    }

    /// <summary>Widens whole blocks.</summary>
    internal static void Decode(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; !destination.IsEmpty; source = source[Size..], destination = destination[QuantizedBlocks.Elements..])
        {
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(source);
            for (var index = 0; index < Half; index++)
            {
                var pair = source[sizeof(ushort) + index];
                destination[index] = scale * s_levels[pair & 0x0F];
                destination[index + Half] = scale * s_levels[pair >> 4];
            }
        }
    }

    /// <summary>
    /// The scale of least squares for each rounding that is tried, and of these the one that leaves least. With levels q of elements x the sum of
    /// (x - d q)^2 is least for d = sum(x q) / sum(q^2), and is then sum(x^2) - sum(x q)^2 / sum(q^2).
    /// </summary>
    private static float BestScale(ReadOnlySpan<float> block, float largest)
    {
        if (largest == 0)
            return 0;
        float best = 0, scale = 0;
        for (var shift = -Tries; shift <= Tries; shift++)
        {
            var inverse = (s_levels[0] + 2 * shift) / largest;
            float products = 0, squares = 0;
            foreach (var value in block)
            {
                float level = s_levels[Nearest(value * inverse)];
                products += level * value;
                squares += level * level;
            }

            if (squares > 0 && products * products > best * squares)
                (best, scale) = (products * products / squares, products / squares);
        }

        return scale;
    }

    private static int Nearest(float value) => s_nearest[(int)Math.Clamp(value + 128.5f, 0f, 255f)];

    /// <summary>Of each whole number from -128 on the nearest level.</summary>
    private static byte[] FindNearest()
    {
        var nearest = new byte[256];
        for (var index = 0; index < nearest.Length; index++)
        {
            for (var level = 1; level < s_levels.Length; level++)
            {
                if (Math.Abs(s_levels[level] - (index - 128)) < Math.Abs(s_levels[nearest[index]] - (index - 128)))
                    nearest[index] = (byte)level;
            }
        }

        return nearest;
    }
}
