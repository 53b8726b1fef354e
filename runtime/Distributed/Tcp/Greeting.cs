using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace GptGen.Distributed.Tcp;

/// <summary>
/// What a process says to rank 0 when they meet: a sign, the version of what follows, its number and that of all. The answer is a text, empty for a
/// welcome.
/// </summary>
/// <param name="Rank">Its number.</param>
/// <param name="Size">Processes in all, as it was told.</param>
internal readonly record struct Greeting(int Rank, int Size)
{
    private const ulong Sign = 0x31_6E65_4774_7047; // "GptGen1"
    private const int Version = 1;
    private const int Bytes = sizeof(ulong) + (3 * sizeof(int));
    private const int MostText = 4096;

    /// <summary>How long rank 0 may take to answer: it may have others in the line who say nothing.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>How long who has the line may take for so few bytes, which are sent with the connection.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(2);

    /// <summary>Greets rank 0.</summary>
    /// <returns>Why not both can go on; empty for a welcome, null where no rank 0 answers.</returns>
    internal string? Say(Socket socket)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Sign);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Rank);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Size);
        return TrySend(socket, bytes) && TryReceive(socket, bytes[..12], s_patience)
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == Sign
            && BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) is >= 0 and <= MostText and var length
            && new byte[length] is var text && TryReceive(socket, text, s_patience)
                ? Encoding.UTF8.GetString(text)
                : null;
    }

    /// <summary>Hears a greeting; null for who speaks of something else.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="problem">What is wrong with the version; null where nothing is.</param>
    internal static Greeting? Hear(Socket socket, out string? problem)
    {
        problem = null;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (!TryReceive(socket, bytes, s_silence) || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Sign)
            return null;
        var greeting = new Greeting(BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]));
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != Version)
            problem = $"Rank {greeting.Rank} is another version of the program than rank 0: start all processes with the same one.";
        return greeting;
    }

    /// <summary>Answers a greeting; an empty text is a welcome.</summary>
    internal static void Answer(Socket socket, string text)
    {
        var bytes = new byte[12 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Sign);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Encoding.UTF8.GetBytes(text, bytes.AsSpan(12)));
        TrySend(socket, bytes);
    }

    private static bool TrySend(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            for (var left = bytes; !left.IsEmpty;)
                left = left[socket.Send(left)..];
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool TryReceive(Socket socket, Span<byte> bytes, TimeSpan patience)
    {
        try
        {
            for (var left = bytes; !left.IsEmpty;)
            {
                if (!socket.Poll(patience, SelectMode.SelectRead) || socket.Receive(left) is not (> 0 and var count))
                    return false;
                left = left[count..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
