using System.Net;
using System.Net.Sockets;
using GptGen.Distributed;
using GptGen.Distributed.Tcp;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

/// <summary>Processes with PyTorch's variables alone, which threads of this one stand for.</summary>
public sealed class TcpCommunicatorTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void AllGetWhatEachGives(int ranks) => Run(ranks, others =>
    {
        Assert.Equal(ranks, others.Size);
        for (var round = 0; round < 50; round++)
        {
            var all = new double[2 * ranks];
            others.Exchange([others.Rank + round, -others.Rank], all);
            Assert.Equal(Enumerable.Range(0, ranks).SelectMany(rank => new double[] { rank + round, -rank }), all);
            // All are there still.
            Assert.Null(others.Fault());
            for (var from = 0; from < ranks; from++)
            {
                // At first more than any buffer of the system's holds.
                var values = new float[round == 0 ? 1_000_000 : 3];
                values.AsSpan().Fill(others.Rank == from ? from + 0.5f : 0f);
                others.Broadcast(values.AsSpan(), from);
                Assert.DoesNotContain(values, value => value != from + 0.5f);
            }

            others.AwaitFirst();
            Assert.Equal("text of 0", others.Broadcast(others.IsFirst ? "text of 0" : null));
            Assert.True(others.Any(others.Rank == ranks - 1));
        }
    });

    [Fact]
    public async Task WhoSpeaksOfSomethingElseIsSentAwayAndTheOthersMeet()
    {
        var port = FreePort();
        var first = Start(0, 2, port);
        using (var stranger = Connect(port))
        {
            stranger.Send("GET / HTTP/1.1\r\nHost: here\r\n\r\n"u8);
            Assert.True(IsSentAway(stranger));
        }

        using var second = await Start(1, 2, port);
        using var found = await first;
        Assert.Equal(2, found.Size);
    }

    [Fact]
    public void OtherNumbersOfProcessesAreNamedOnBothSides()
    {
        var port = FreePort();
        var (first, second) = (Start(0, 2, port), Start(1, 3, port));
        const string Message = "Rank 1 was told of 3 processes, but rank 0 of 2: give all the same WORLD_SIZE.";
        Assert.Equal(Message, Failure(first));
        Assert.Equal(Message, Failure(second));
    }

    [Fact]
    public async Task TheSameRankTwiceIsNamed()
    {
        var port = FreePort();
        var (first, second, third) = (Start(0, 3, port), Start(1, 3, port), Start(1, 3, port));
        Assert.Equal("Two processes have the rank 1: give each a RANK of its own.", Failure(first));
        // One was welcome, and one was told.
        var others = new[] { second, third };
        await Assert.ThrowsAsync<GptGenException>(() => Task.WhenAll(others));
        Assert.Equal(1, others.Count(static other => other.IsFaulted));
    }

    [Fact]
    public void AMissingProcessIsNamedInTime()
    {
        var port = FreePort();
        Assert.Contains(
            FormattableString.Invariant($"waited 0.3 s for ranks 1, 2 at 127.0.0.1:{port}: start all 3 processes"),
            Failure(Start(0, 3, port, seconds: 0.3)));
        Assert.Matches(
            FormattableString.Invariant($@"^waited 0\.3 s for rank 0 at 127\.0\.0\.1:{port} \(.*refused.*\): start all 3 processes"),
            Failure(Start(1, 3, port, seconds: 0.3)));
    }

    [Fact]
    public async Task APortThatIsTakenIsNamed()
    {
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        Assert.StartsWith(
            FormattableString.Invariant($"rank 0 cannot listen on port {port} ("), Failure(Start(0, 2, port)), StringComparison.Ordinal);
        // What listens there takes the greeting for something else.
        var answer = Task.Run(() =>
        {
            while (true)
            {
                using var socket = other.AcceptSocket();
                socket.Send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"u8);
            }
        });
        Assert.Equal(
            FormattableString.Invariant(
                $"waited 0.3 s for rank 0 at 127.0.0.1:{port}, where something else listens: set MASTER_PORT to a free port"),
            Failure(Start(1, 2, port, seconds: 0.3)));
        other.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => answer);
    }

    /// <summary>Whoever waits for another one learns that a third has ended, and so does who computes on a GPU.</summary>
    [Fact]
    public void AnEndedProcessIsNoticedByAll()
    {
        var message = "rank 2 has ended or cannot be reached: start the run again from its last checkpoint.";
        Run(3, others =>
        {
            others.Exchange([1], new double[3]);
            if (others.Rank == 2)
                return;
            if (others.Rank == 1)
            {
                // Its turn does not come before rank 0 is gone.
                Assert.Contains("rank 0 has ended", Assert.Throws<GptGenException>(() => others.AwaitFirst()).Message);
                return;
            }

            while (others.Fault() is null)
                Thread.Sleep(1);
            Assert.Equal(message, others.Fault());
            Assert.Equal(message, Assert.Throws<GptGenException>(() => others.Exchange([1], new double[3])).Message);
        });
    }

    [Fact]
    public void NumbersOfACpuAreNotMoved() => Run(2, others =>
    {
        using var device = new CpuDevice(1);
        foreach (var refused in (Action[])[() => others.On(device), others.RequireCpu])
            Assert.Contains("install Open MPI or MPICH", Assert.Throws<GptGenException>(refused).Message);
    });

    private static void Run(int ranks, Action<TcpCommunicator> work)
    {
        var port = FreePort();
        // Rank 0 comes last.
        var tasks = Enumerable.Range(0, ranks).Reverse().Select(rank => Task.Factory.StartNew(
            () =>
            {
                using var others = Start(rank, ranks, port).Result;
                Assert.Equal(rank, others.Rank);
                work(others);
            },
            TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(tasks, TestContext.Current.CancellationToken);
    }

    private static Task<TcpCommunicator> Start(int rank, int size, int port, double seconds = 60)
    {
        var launch = new Launch("a test", null, rank, size, new("127.0.0.1", port, rank));
        return Task.Factory.StartNew(() => TcpCommunicator.Start(launch, launch.Meeting!, seconds), TaskCreationOptions.LongRunning);
    }

    private static string Failure(Task<TcpCommunicator> start) =>
        Assert.IsType<GptGenException>(Assert.Throws<AggregateException>(start.Wait).InnerException).Message;

    private static Socket Connect(int port)
    {
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect("127.0.0.1", port);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
    }

    private static bool IsSentAway(Socket socket)
    {
        try
        {
            return socket.Receive(new byte[100]) == 0;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
