using System.Buffers.Binary;

namespace GptGen.Checkpoints.Gguf;

/// <summary>
/// ggml's Q8_0: of each 32 elements of a row a scale d = max|x| / 127 as binary16, and each element as the whole number nearest to x / d, halves away
/// from zero, with d as it was before it was rounded.
/// </summary>
internal static class QuantizedBlocks
{
    /// <summary>Elements of a block.</summary>
    internal const int Elements = 32;

    /// <summary>Bytes of a block.</summary>
    internal const int Size = sizeof(ushort) + Elements;

    private const int Largest = 127;

    /// <summary>Rounds whole blocks.</summary>
    /// <returns>False when a number is not finite, or a scale does not fit binary16.</returns>
    internal static bool Encode(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; !source.IsEmpty; source = source[Elements..], destination = destination[Size..])
        {
            var largest = 0f;
            foreach (var value in source[..Elements])
            {
                if (!float.IsFinite(value))
                    return false;
                largest = Math.Max(largest, Math.Abs(value));
            }

            var scale = largest / Largest;
            var stored = (Half)scale;
            if (Half.IsInfinity(stored))
                return false;
            BinaryPrimitives.WriteHalfLittleEndian(destination, stored);
            var inverse = scale == 0 ? 0 : 1 / scale;
            for (var index = 0; index < Elements; index++)
                destination[sizeof(ushort) + index] = (byte)(sbyte)MathF.Round(source[index] * inverse, MidpointRounding.AwayFromZero);
        }

        return true;
    }

    /// <summary>Widens whole blocks.</summary>
    internal static void Decode(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; !destination.IsEmpty; source = source[Size..], destination = destination[Elements..])
        {
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(source);
            for (var index = 0; index < Elements; index++)
                destination[index] = scale * (sbyte)source[sizeof(ushort) + index];
        }
    }
}
