using System.Buffers.Binary;
using System.Net.Sockets;
using GptGen.Distributed.Mpi;

namespace GptGen.Distributed.Tcp;

/// <content>Messages over the connections of the star, a length before each; a length below zero is the exit code of one that gives up.</content>
internal sealed partial class TcpCommunicator
{
    /// <summary>How long rank 0 waits for one process before it looks whether the others are there still.</summary>
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(200);

    private void Send(int rank, ReadOnlySpan<byte> bytes)
    {
        Span<byte> header = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, bytes.Length);
        try
        {
            SendAll(sockets[rank]!, header);
            SendAll(sockets[rank]!, bytes);
        }
        catch (SocketException error)
        {
            throw Ended(rank, error);
        }
    }

    private void Receive(int rank, Span<byte> bytes)
    {
        Span<byte> header = stackalloc byte[sizeof(int)];
        try
        {
            ReceiveAll(rank, header);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length < 0)
                Follow(rank, length);
            if (length != bytes.Length)
            {
                throw new GptGenException(
                    $"rank {rank} gives {length} bytes where {bytes.Length} are due: start all processes with the same command, version and files.");
            }

            ReceiveAll(rank, bytes);
        }
        catch (SocketException error)
        {
            throw Ended(rank, error);
        }
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        for (var left = bytes; !left.IsEmpty;)
            left = left[socket.Send(left)..];
    }

    private void ReceiveAll(int rank, Span<byte> bytes)
    {
        var socket = sockets[rank]!;
        for (var left = bytes; !left.IsEmpty;)
        {
            while (!socket.Poll(s_glance, SelectMode.SelectRead))
            {
                if (FaultOfAny() is { } problem)
                    throw new GptGenException(problem);
            }

            var count = socket.Receive(left);
            if (count == 0)
                throw Ended(rank, null);
            left = left[count..];
        }
    }

    /// <summary>Who has ended; null where all are there. What one sends in its turn stays to be read.</summary>
    private string? FaultOfAny()
    {
        Span<byte> header = stackalloc byte[sizeof(int)];
        for (var rank = 0; rank < sockets.Length; rank++)
        {
            try
            {
                if (sockets[rank] is not { } socket || !socket.Poll(0, SelectMode.SelectRead))
                    continue;
                var count = socket.Receive(header, SocketFlags.Peek);
                if (count == 0)
                    return Ended(rank, null).Message;
                if (count == header.Length && BinaryPrimitives.ReadInt32LittleEndian(header) is < 0 and var length)
                    Follow(rank, length);
            }
            catch (SocketException error)
            {
                return Ended(rank, error).Message;
            }
        }

        return null;
    }

    /// <summary>Ends as one does that has said why.</summary>
    private void Follow(int rank, int length)
    {
        foreach (var (other, socket) in sockets.Index())
        {
            if (socket is not null && other != rank)
                TryTell(socket, -1 - length);
        }

        SystemLibrary.Exit(-1 - length);
    }

    private static void TryTell(Socket socket, int code)
    {
        Span<byte> header = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, -1 - code);
        try
        {
            socket.SendTimeout = 1000;
            SendAll(socket, header);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It has ended itself.
        }
    }

    private static GptGenException Ended(int rank, SocketException? error) => new(
        $"rank {rank} has ended or cannot be reached{(error is null ? "" : $" ({MessageText.Of(error)})")}: start the run again from its last "
        + "checkpoint.");
}
