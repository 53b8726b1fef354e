using System.Buffers.Binary;
using System.Text;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>Safetensors files made byte by byte, right or wrong.</summary>
internal static class RawSafetensors
{
    public static byte[] Bytes(string header, byte[] data, ulong? claimedLength = null) => Bytes(Encoding.UTF8.GetBytes(header), data, claimedLength);

    public static byte[] Bytes(byte[] header, byte[] data, ulong? claimedLength = null)
    {
        var bytes = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimedLength ?? (ulong)header.Length);
        header.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + header.Length);
        return bytes;
    }
}
