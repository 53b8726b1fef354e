using System.Net.Sockets;
using System.Runtime.InteropServices;
using GptGen.Distributed.Mpi;

namespace GptGen.Distributed.Tcp;

/// <summary>
/// Processes that found each other by PyTorch's variables, with rank 0 in the middle of a star of connections: for what ranks must agree on and
/// NCCL's identity. What lies in arenas NCCL moves, or nobody.
/// </summary>
internal sealed partial class TcpCommunicator : Communicator
{
    private readonly Socket?[] sockets;
    private readonly CollectiveWatch watch;
    private readonly Lock reading = new();

    private TcpCommunicator(Launch launch, Meeting place, Socket?[] sockets)
    {
        (Rank, Size, this.sockets) = (launch.Rank, launch.Size!.Value, sockets);
        (Host, LocalRank) = (Environment.MachineName, place.LocalRank);
        watch = new(End);
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override string Host { get; }

    /// <inheritdoc/>
    public override string Engine => "TCP";

    /// <inheritdoc/>
    internal override int? LocalRank { get; }

    /// <summary>Finds the other processes.</summary>
    /// <param name="launch">What started this one.</param>
    /// <param name="place">Where they meet.</param>
    /// <param name="seconds">How long they wait for each other; 0 for ever, and what the watch has unless given.</param>
    /// <exception cref="GptGenException">Not all come in time, they disagree on their number, or the port is taken.</exception>
    internal static TcpCommunicator Start(Launch launch, Meeting place, double? seconds = null) => OperatingSystem.IsLinux()
        ? new(launch, place, new TcpMeeting(launch, place, seconds ?? CollectiveWatch.Seconds).Connect())
        : throw new GptGenException($"{launch.Launcher} started several processes, which Linux alone can have: start one.");

    /// <inheritdoc/>
    public override void Exchange(ReadOnlySpan<double> own, Span<double> all)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(all.Length, own.Length * Size, nameof(all));
        own.CopyTo(all.Slice(Rank * own.Length, own.Length));
        using var turn = Begin("an exchange by TCP");
        if (!IsFirst)
            Send(0, MemoryMarshal.AsBytes(own));
        for (var rank = 1; rank < Size && IsFirst; rank++)
            Receive(rank, MemoryMarshal.AsBytes(all.Slice(rank * own.Length, own.Length)));
        Spread(MemoryMarshal.AsBytes(all));
    }

    /// <inheritdoc/>
    internal override void Broadcast(Span<byte> bytes, int from)
    {
        using var turn = Begin("a broadcast by TCP");
        if (Rank == from && !IsFirst)
            Send(0, bytes);
        if (IsFirst && from > 0)
            Receive(from, bytes);
        Spread(bytes, from);
    }

    /// <inheritdoc/>
    internal override void AwaitFirst()
    {
        using var turn = Begin("a wait by TCP", CollectiveWatch.PatienceForFiles);
        Spread([]);
    }

    /// <inheritdoc/>
    public override void Abort(int code)
    {
        watch.End();
        Leave(code);
    }

    /// <inheritdoc/>
    internal override void Leave(int code)
    {
        foreach (var socket in sockets)
        {
            if (socket is not null)
                TryTell(socket, code);
        }

        SystemLibrary.Exit(code);
    }

    /// <inheritdoc/>
    internal override string? Fault()
    {
        // Who reads just now sees it.
        if (!reading.TryEnter())
            return null;
        try
        {
            return FaultOfAny();
        }
        finally
        {
            reading.Exit();
        }
    }

    /// <inheritdoc/>
    internal override void RequireCpu() => throw new GptGenException(
        "Processes that torchrun's variables started compute on GPUs only: choose the device cuda, or install Open MPI or MPICH and start with "
        + "mpirun.");

    /// <inheritdoc/>
    internal override Communicator On(Device device)
    {
        if (device is not CudaDevice)
            RequireCpu();
        return base.On(device);
    }

    /// <inheritdoc/>
    internal override void Broadcast(Arena arena, nint count) => RequireCpu();

    /// <inheritdoc/>
    internal override void StartSum(Arena gradients, Partition parts, int bucket) => RequireCpu();

    /// <inheritdoc/>
    internal override void AwaitSums() => RequireCpu();

    /// <inheritdoc/>
    internal override void AllGather(Arena parameters, Partition parts) => RequireCpu();

    /// <inheritdoc/>
    internal override void Gather(Arena own, Arena whole, Partition parts) => RequireCpu();

    /// <inheritdoc/>
    internal override void Scatter(Arena whole, Arena own, Partition parts) => RequireCpu();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        watch.Dispose();
        Array.ForEach(sockets, static socket => socket?.Dispose());
    }

    private Turn Begin(string call, int patience = 1)
    {
        watch.Begin(call, patience);
        return new(this);
    }

    /// <summary>Rank 0 gives what all should have to those who have not; others take it.</summary>
    private void Spread(Span<byte> bytes, int except = 0)
    {
        if (!IsFirst && Rank != except)
            Receive(0, bytes);
        for (var rank = 1; rank < Size && IsFirst; rank++)
        {
            if (rank != except)
                Send(rank, bytes);
        }
    }

    /// <summary>A call, in which one thread reads.</summary>
    private readonly ref struct Turn
    {
        private readonly TcpCommunicator communicator;

        internal Turn(TcpCommunicator communicator)
        {
            this.communicator = communicator;
            communicator.reading.Enter();
        }

        public void Dispose()
        {
            communicator.reading.Exit();
            communicator.watch.End();
        }
    }
}
