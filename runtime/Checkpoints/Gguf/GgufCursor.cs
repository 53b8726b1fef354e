using System.Buffers.Binary;
using System.Text;
using GptGen.Files;

namespace GptGen.Checkpoints.Gguf;

/// <summary>Reads a GGUF file's header from a place on, its beginning unless another is given, and never beyond the file's end.</summary>
internal sealed class GgufCursor(RandomAccessFile file, long start = 0)
{
    private const int BufferSize = 1 << 16;

    // A file with holes is as long as it likes; vocabularies and conversations' templates are far below this.
    private const int Most = 1 << 24;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] buffer = [];
    private int at;
    private long next = start;

    /// <summary>Where it stands.</summary>
    internal long Position => next - (buffer.Length - at);

    /// <summary>Bytes behind it.</summary>
    internal long Left => file.Length - Position;

    internal uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    internal ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>A number of things of which each takes some bytes at least: more than the file has room for is a lie.</summary>
    internal int Count(string what, int leastSize)
    {
        var count = UInt64();
        return count <= (ulong)(Left / leastSize) && count <= Most ? (int)count : throw TooMany(count, what, leastSize);
    }

    /// <summary>A text: its length and its bytes in UTF-8.</summary>
    internal string Text(string what)
    {
        try
        {
            return s_strict.GetString(Take(Length(what)));
        }
        catch (DecoderFallbackException error)
        {
            throw new GptGenException(DamagedMessage($"{what} is not UTF-8"), error);
        }
    }

    /// <summary>Passes over a text.</summary>
    internal void SkipText(string what) => Take(Length(what));

    /// <summary>Passes over bytes that are there.</summary>
    internal void Skip(long count)
    {
        if (count <= buffer.Length - at)
        {
            at += (int)count;
            return;
        }

        next = Position + count;
        (buffer, at) = ([], 0);
    }

    /// <summary>A whole or broken number, or true or false.</summary>
    internal object Scalar(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 => (long)Take(1)[0],
        GgufValueType.Int8 => (long)(sbyte)Take(1)[0],
        GgufValueType.UInt16 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort))),
        GgufValueType.Int16 => (long)BinaryPrimitives.ReadInt16LittleEndian(Take(sizeof(short))),
        GgufValueType.UInt32 => (long)UInt32(),
        GgufValueType.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int))),
        // Beyond what any size is.
        GgufValueType.UInt64 => (long)Math.Min(UInt64(), long.MaxValue),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long))),
        GgufValueType.Float32 => (double)BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float))),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double))),
        GgufValueType.Bool => Take(1)[0] != 0,
        _ => throw UnknownType(type),
    };

    /// <summary>Bytes of a number, or the least that a text takes.</summary>
    internal static int LeastSize(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => sizeof(ushort),
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => sizeof(uint),
        _ => sizeof(ulong),
    };

    internal GptGenException UnknownType(GgufValueType type) => Damaged($"a value has the type {(uint)type}, which the format does not have");

    private GptGenException TooMany(ulong count, string what, int leastSize = 1) => Damaged(
        $"it claims {count} {what}, {(count > (ulong)(Left / leastSize) ? $"but only {Left} bytes follow" : "more than any model has")}");

    internal GptGenException Damaged(string what) => new(DamagedMessage(what));

    /// <summary>The length of a text. A vocabulary has a hundred thousand: what they are is put in words for a message alone.</summary>
    private int Length(string what)
    {
        var length = UInt64();
        return length <= (ulong)Left && length <= Most ? (int)length : throw TooMany(length, $"bytes of {what}");
    }

    private string DamagedMessage(string what) => $"'{file.Path}' is a damaged GGUF file: {what}. Download or export it again.";

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left)
            throw Damaged($"it ends at byte {file.Length}, in the midst of its header");
        if (count > buffer.Length - at)
        {
            var start = Position;
            buffer = file.Read(start, (int)Math.Min(Math.Max(count, BufferSize), file.Length - start));
            (at, next) = (0, start + buffer.Length);
        }

        at += count;
        return buffer.AsSpan(at - count, count);
    }
}
