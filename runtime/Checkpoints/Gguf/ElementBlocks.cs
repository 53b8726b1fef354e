using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lanes = System.Numerics.Vector<ushort>;

namespace GptGen.Checkpoints.Gguf;

/// <summary>The types whose elements lie in blocks of <see cref="QuantizedBlocks.Elements"/>.</summary>
internal static class ElementBlocks
{
    /// <summary>Whether it is one of them.</summary>
    internal static bool HasBlocks(this ElementType type) => type is ElementType.Q8_0 or ElementType.IQ4_NL;

    /// <summary>Bytes of some elements of any type: whole blocks of one that has blocks.</summary>
    internal static long BytesOf(this ElementType type, long elements) => type switch
    {
        ElementType.Q8_0 => elements / QuantizedBlocks.Elements * QuantizedBlocks.Size,
        ElementType.IQ4_NL => elements / QuantizedBlocks.Elements * NibbleBlocks.Size,
        _ => elements * type.Size(),
    };

    /// <summary>Narrows elements, rounding to the nearest.</summary>
    /// <returns>False when a number does not fit; with blocks also when it is not finite.</returns>
    internal static bool Encode(ElementType type, ReadOnlySpan<float> source, Span<byte> destination) => type switch
    {
        ElementType.Q8_0 => QuantizedBlocks.Encode(source, destination),
        ElementType.IQ4_NL => NibbleBlocks.Encode(source, destination),
        _ => ElementTypes.Encode(type, source, destination),
    };

    /// <summary>Whether encoded elements are finite numbers; of blocks their scales decide, of others each of its 16 bits.</summary>
    internal static bool AreFinite(ElementType type, ReadOnlySpan<byte> encoded)
    {
        var exponent = (ushort)(type == ElementType.BF16 ? 0x7F80 : 0x7C00);
        if (!type.HasBlocks())
            return !HasExponent(MemoryMarshal.Cast<byte, ushort>(encoded), exponent);
        for (var step = (int)type.BytesOf(QuantizedBlocks.Elements); !encoded.IsEmpty; encoded = encoded[step..])
        {
            if ((BinaryPrimitives.ReadUInt16LittleEndian(encoded) & exponent) == exponent)
                return false;
        }

        return true;
    }

    /// <summary>Whether some number has an exponent of ones alone.</summary>
    private static bool HasExponent(ReadOnlySpan<ushort> numbers, ushort exponent)
    {
        var ones = new Lanes(exponent);
        for (; numbers.Length >= Lanes.Count; numbers = numbers[Lanes.Count..])
        {
            if (System.Numerics.Vector.EqualsAny(new Lanes(numbers) & ones, ones))
                return true;
        }

        foreach (var number in numbers)
        {
            if ((number & exponent) == exponent)
                return true;
        }

        return false;
    }

    /// <summary>Widens elements.</summary>
    internal static void Decode(ElementType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case ElementType.Q8_0:
                QuantizedBlocks.Decode(source, destination);
                break;
            case ElementType.IQ4_NL:
                NibbleBlocks.Decode(source, destination);
                break;
            default:
                ElementTypes.Decode(type, source, destination);
                break;
        }
    }
}
