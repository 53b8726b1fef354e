using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace GptGen.Models.Tests.Training;

/// <summary>Reads TensorBoard's event files, independently of what writes them.</summary>
internal static class TensorBoardEvents
{
    /// <summary>The events of a file whose framing and checksums are right.</summary>
    public static List<TensorBoardEvent> Read(string path)
    {
        List<TensorBoardEvent> events = [];
        var bytes = File.ReadAllBytes(path).AsSpan();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(MaskedChecksum(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            Assert.Equal(MaskedChecksum(bytes.Slice(12, length)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(Parse(bytes.Slice(12, length)));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    private static TensorBoardEvent Parse(ReadOnlySpan<byte> message)
    {
        var parsed = new TensorBoardEvent();
        foreach (var (field, number, bytes) in Fields(message))
        {
            parsed = field switch
            {
                1 => parsed with { WallTime = BitConverter.UInt64BitsToDouble(number) },
                2 => parsed with { Step = (int)number },
                3 => parsed with { FileVersion = Encoding.UTF8.GetString(bytes) },
                5 => parsed with { Values = Fields(bytes).Select(static value => Fields(value.Bytes)).ToDictionary(
                    static value => Encoding.UTF8.GetString(value.Single(static field => field.Number == 1).Bytes),
                    static value => BitConverter.UInt32BitsToSingle((uint)value.Single(static field => field.Number == 2).Value)) },
                7 => parsed with { IsStart = Fields(bytes) is [(1, 1, _)] },
                _ => throw new InvalidDataException($"The event has a field {field}."),
            };
        }

        return parsed;
    }

    /// <summary>The fields of a message of protocol buffers.</summary>
    private static List<(int Number, ulong Value, byte[] Bytes)> Fields(ReadOnlySpan<byte> message)
    {
        List<(int, ulong, byte[])> fields = [];
        var at = 0;
        while (at < message.Length)
        {
            var key = ReadVarint(message, ref at);
            var (number, value, bytes) = ((int)(key >> 3), 0ul, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0:
                    value = ReadVarint(message, ref at);
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(message[at..]);
                    at += 8;
                    break;
                case 2:
                    var length = (int)ReadVarint(message, ref at);
                    bytes = message.Slice(at, length).ToArray();
                    at += length;
                    break;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(message[at..]);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"A field has the wire type {key & 7}.");
            }

            fields.Add((number, value, bytes));
        }

        return fields;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> message, ref int at)
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }

    /// <summary>CRC-32C bit by bit (polynomial 0x1EDC6F41, reflected), masked as TFRecord has it.</summary>
    public static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        var checksum = ~0u;
        foreach (var value in data)
        {
            checksum ^= value;
            for (var bit = 0; bit < 8; bit++)
                checksum = (checksum >> 1) ^ ((checksum & 1) * 0x82F63B78u);
        }

        checksum = ~checksum;
        return ((checksum >> 15) | (checksum << 17)) + 0xA282EAD8u;
    }
}

/// <summary>What a record says.</summary>
internal sealed record TensorBoardEvent
{
    public double WallTime { get; init; }

    public int Step { get; init; }

    public string? FileVersion { get; init; }

    public bool IsStart { get; init; }

    public Dictionary<string, float> Values { get; init; } = [];
}
