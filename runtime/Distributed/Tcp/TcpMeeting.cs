using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace GptGen.Distributed.Tcp;

/// <summary>How processes connect: rank 0 listens, and each other one connects to it, whoever comes first.</summary>
internal sealed class TcpMeeting(Launch launch, Meeting place, double seconds)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>A network that is cut is noticed after two minutes, whoever waits and however long.</summary>
    private const int IdleSeconds = 60, ProbeSeconds = 10, Probes = 6;

    private readonly Stopwatch watch = Stopwatch.StartNew();

    /// <summary>Connects to the others.</summary>
    /// <returns>Of rank 0, a connection to each other rank, with none in the first place; of others one to rank 0.</returns>
    /// <exception cref="GptGenException">Not all come in time, they disagree on their number, or the port is taken.</exception>
    internal Socket?[] Connect()
    {
        var sockets = launch.Rank == 0 ? Listen(launch.Size!.Value) : [ConnectToFirst()];
        foreach (var socket in sockets)
        {
            if (socket is null)
                continue;
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        }

        return sockets;
    }

    private bool IsOver => seconds > 0 && watch.Elapsed.TotalSeconds > seconds;

    private string Waited => FormattableString.Invariant($"waited {seconds:0.##} s");

    private Socket?[] Listen(int size)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var found = new Socket?[size];
        try
        {
            listener.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, place.Port));
            listener.Listen(size);
        }
        catch (SocketException error)
        {
            throw new GptGenException(
                $"rank 0 cannot listen on port {place.Port} ({MessageText.Of(error)}): set MASTER_PORT to one that is free on its host.", error);
        }

        try
        {
            while (!found.Skip(1).All(IsThere))
            {
                if (listener.Poll(s_pause, SelectMode.SelectRead))
                    Welcome(listener.Accept(), found);
                else if (IsOver)
                    throw new GptGenException($"{Waited} for {Missing(found)} at {place}: {Cure}");
            }
        }
        catch
        {
            Array.ForEach(found, static socket => socket?.Dispose());
            throw;
        }

        return found;
    }

    private string Cure =>
        $"start all {launch.Size} processes, with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE and ranks from 0, and let no firewall stand "
        + "between their hosts.";

    private static string Missing(Socket?[] found)
    {
        var ranks = Enumerable.Range(1, found.Length - 1).Where(rank => !IsThere(found[rank])).ToList();
        return $"{(ranks.Count == 1 ? "rank" : "ranks")} {string.Join(", ", ranks.Take(8))}{(ranks.Count > 8 ? "…" : "")}";
    }

    /// <summary>Takes in who comes; whoever speaks of something else is sent away.</summary>
    private static void Welcome(Socket socket, Socket?[] found)
    {
        if (Greeting.Hear(socket, out var problem) is not var (rank, size))
        {
            socket.Dispose();
            return;
        }

        problem ??= size != found.Length ? $"Rank {rank} was told of {size} processes, but rank 0 of {found.Length}: give all the same WORLD_SIZE."
            : rank <= 0 || rank >= size ? $"A process has the rank {rank}, but it must be between 1 and {size - 1}: give each a RANK of its own."
            : IsThere(found[rank]) ? $"Two processes have the rank {rank}: give each a RANK of its own."
            : null;
        Greeting.Answer(socket, problem ?? "");
        if (problem is null)
        {
            found[rank]?.Dispose();
            found[rank] = socket;
            return;
        }

        // The others learn of it by rank 0's end.
        socket.Dispose();
        throw new GptGenException(problem);
    }

    /// <summary>Whether a process has come, and has not given up waiting for the answer meanwhile; it will come again then.</summary>
    private static bool IsThere(Socket? socket) => socket is not null && !(socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0);

    private Socket ConnectToFirst()
    {
        var answers = false;
        for (; ; Thread.Sleep(s_pause))
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(place.Address, place.Port);
                // Where nobody listens, a connection may be given that very port for its own end, and meet itself.
                var isOther = !Equals(socket.LocalEndPoint, socket.RemoteEndPoint);
                answers |= isOther;
                if (isOther && new Greeting(launch.Rank, launch.Size!.Value).Say(socket) is { } problem)
                    return problem.Length == 0 ? socket : throw new GptGenException(problem);
            }
            catch (SocketException) when (!IsOver)
            {
                // It may not have begun yet, nor its host have a name.
            }
            catch (SocketException error)
            {
                socket.Dispose();
                throw new GptGenException($"{Waited} for rank 0 at {place} ({MessageText.Of(error)}): {Cure}", error);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            socket.Dispose();
            if (IsOver)
            {
                throw new GptGenException(
                    $"{Waited} for rank 0 at {place}{(answers ? ", where something else listens: set MASTER_PORT to a free port" : $": {Cure}")}");
            }
        }
    }
}
