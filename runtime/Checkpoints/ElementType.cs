using System.Buffers;
using System.Runtime.InteropServices;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>The floating-point types in which files keep weights.</summary>
public enum ElementType
{
    /// <summary>IEEE binary32.</summary>
    F32,

    /// <summary>IEEE binary16.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a binary32.</summary>
    BF16,

    /// <summary>
    /// ggml's blocks of 32 elements, 8-bit integers and a binary16 scale: 8.5 bits an element. GGUF files alone have it.
    /// </summary>
    Q8_0,

    /// <summary>
    /// ggml's blocks of 32 elements, each one of sixteen unequal levels, with a binary16 scale: 4.5 bits an element. GGUF files alone have it.
    /// </summary>
    IQ4_NL,
}

/// <summary>Conversion between the bytes of a file (little-endian) and f32.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of an element of a type that has elements by themselves.</summary>
    internal static int Size(this ElementType type) => type switch
    {
        ElementType.F32 => sizeof(float),
        ElementType.F16 or ElementType.BF16 => sizeof(ushort),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Its elements lie in blocks."),
    };

    /// <summary>
    /// Fills <paramref name="destination"/> with elements that are stored as <paramref name="type"/> from byte <paramref name="offset"/> on.
    /// </summary>
    /// <exception cref="GptGenException">The file became shorter, or the system reports a failure.</exception>
    internal static void Read(this RandomAccessFile file, long offset, ElementType type, Span<float> destination)
    {
        // Spans of more than 2^31 bytes do not exist; what is converted goes through a buffer that fits the cache.
        var chunk = type == ElementType.F32 ? 1 << 28 : Math.Min(1 << 16, destination.Length);
        var buffer = type == ElementType.F32 ? [] : ArrayPool<byte>.Shared.Rent(chunk * type.Size());
        try
        {
            for (; !destination.IsEmpty; offset += (long)chunk * type.Size())
            {
                var part = destination[..Math.Min(chunk, destination.Length)];
                if (type == ElementType.F32)
                {
                    file.Read(offset, MemoryMarshal.AsBytes(part));
                }
                else
                {
                    var bytes = buffer.AsSpan(0, part.Length * type.Size());
                    file.Read(offset, bytes);
                    Decode(type, bytes, part);
                }

                destination = destination[part.Length..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Widens; exact for every type.</summary>
    internal static void Decode(ElementType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (type == ElementType.F32)
        {
            source.CopyTo(MemoryMarshal.AsBytes(destination));
            return;
        }

        var bits = MemoryMarshal.Cast<byte, ushort>(source);
        if (type == ElementType.BF16)
        {
            for (var index = 0; index < destination.Length; index++)
                destination[index] = BitConverter.UInt32BitsToSingle((uint)bits[index] << 16);
        }
        else
        {
            for (var index = 0; index < destination.Length; index++)
                destination[index] = (float)BitConverter.UInt16BitsToHalf(bits[index]);
        }
    }

    /// <summary>Narrows, rounding to the nearest, ties to even.</summary>
    /// <returns>False when a finite number became infinite.</returns>
    internal static bool Encode(ElementType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        if (type == ElementType.F32)
        {
            MemoryMarshal.AsBytes(source).CopyTo(destination);
            return true;
        }

        var bits = MemoryMarshal.Cast<byte, ushort>(destination);
        var fits = true;
        for (var index = 0; index < source.Length; index++)
        {
            bits[index] = type == ElementType.BF16 ? ToBFloat16(source[index]) : BitConverter.HalfToUInt16Bits((Half)source[index]);
            var infinity = type == ElementType.BF16 ? 0x7F80 : 0x7C00;
            fits &= !float.IsFinite(source[index]) || (bits[index] & 0x7FFF) != infinity;
        }

        return fits;
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        // Rounding could carry a NaN's payload into infinity; a quiet NaN stays one.
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x0040) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
