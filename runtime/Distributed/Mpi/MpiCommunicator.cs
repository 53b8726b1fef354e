namespace GptGen.Distributed.Mpi;

/// <summary>The processes that mpirun or srun started, and MPI between them.</summary>
internal sealed unsafe class MpiCommunicator : HostCommunicator
{
    /// <summary>How long the library may take to end the processes where it was not asked as it should be.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly MpiLibrary library;
    private readonly MpiConstants constants;
    private readonly CollectiveWatch watch;
    private readonly int[] counts;
    private readonly int[] places;

    private MpiCommunicator(MpiLibrary library, int rank, int size)
    {
        (this.library, Rank, Size) = (library, rank, size);
        constants = library.Constants;
        (counts, places) = (new int[size], new int[size]);
        (Host, Engine) = (library.Host, library.Version);
        watch = new(End);
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override string Host { get; }

    /// <inheritdoc/>
    public override string Engine { get; }

    /// <summary>Which kind of library moves the data.</summary>
    internal MpiFamily Family => library.Family;

    /// <summary>Loads and starts MPI. Any thread may call it from then on, one at a time.</summary>
    /// <returns>The communicator; null where the launcher started one process only.</returns>
    /// <exception cref="GptGenException">
    /// There is no library, or it knows of another number of processes than the launcher, or allows only one thread.
    /// </exception>
    internal static MpiCommunicator? Start(Launch launch)
    {
        var library = MpiLibrary.Load(launch);
        var (granted, rank, size) = (0, 0, 0);
        SystemLibrary.KeepingFaults(() =>
        {
            int level = 0;
            library.Check(library.Initialize(0, 0, library.Constants.Serialized, &level), "MPI_Init_thread");
            granted = level;
        });
        var world = library.Constants.World;
        library.Check(library.SetErrorHandler(world, library.Constants.ErrorsReturn), "MPI_Comm_set_errhandler");
        library.Check(library.RankOf(world, &rank), "MPI_Comm_rank");
        library.Check(library.SizeOf(world, &size), "MPI_Comm_size");
        launch.RequireSize(size, $"{library.Version}, {library.Path}");
        if (granted < library.Constants.Serialized)
            throw new GptGenException($"MPI ({library.Version}) allows its first thread only: use one that was built with thread support.");
        if (size > 1)
            return new(library, rank, size);
        library.Check(library.Finish(), "MPI_Finalize");
        return null;
    }

    /// <inheritdoc/>
    public override void Exchange(ReadOnlySpan<double> own, Span<double> all)
    {
        RequireNoSums();
        ArgumentOutOfRangeException.ThrowIfNotEqual(all.Length, own.Length * Size, nameof(all));
        own.CopyTo(all.Slice(Rank * own.Length, own.Length));
        counts.AsSpan().Fill(own.Length);
        for (var rank = 0; rank < Size; rank++)
            places[rank] = rank * own.Length;
        fixed (double* values = all)
        fixed (int* count = counts, place = places)
        {
            watch.Begin("MPI_Allgatherv");
            var result = library.AllGather((void*)constants.InPlace, 0, constants.Double, values, count, place, constants.Double, constants.World);
            Finish(result, "MPI_Allgatherv");
        }
    }

    /// <inheritdoc/>
    internal override void Broadcast(Span<byte> bytes, int from)
    {
        RequireNoSums();
        fixed (byte* values = bytes)
        {
            watch.Begin("MPI_Bcast");
            Finish(library.Broadcast(values, bytes.Length, constants.Byte, from, constants.World), "MPI_Bcast");
        }
    }

    /// <inheritdoc/>
    public override void Abort(int code)
    {
        // Where the other thread is in the library still, that may not let this one in.
        using var end = EndSums() ? null : new Timer(_ => SystemLibrary.Exit(code), null, s_patience, Timeout.InfiniteTimeSpan);
        watch.End();
        _ = library.Abort(constants.World, code);
        SystemLibrary.Exit(code);
    }

    /// <inheritdoc/>
    internal override void AwaitFirst()
    {
        RequireNoSums();
        byte nothing = 0;
        watch.Begin("MPI_Bcast", CollectiveWatch.PatienceForFiles);
        Finish(library.Broadcast(&nothing, 1, constants.Byte, 0, constants.World), "MPI_Bcast");
    }

    /// <inheritdoc/>
    private protected override void AllToAll(
        float* send, ReadOnlySpan<int> sendCounts, ReadOnlySpan<int> sendPlaces, float* receive, ReadOnlySpan<int> receiveCounts,
        ReadOnlySpan<int> receivePlaces)
    {
        fixed (int* sent = sendCounts, sentAt = sendPlaces, got = receiveCounts, gotAt = receivePlaces)
        {
            watch.Begin("MPI_Alltoallv");
            var result = library.AllToAll(send, sent, sentAt, constants.Float, receive, got, gotAt, constants.Float, constants.World);
            Finish(result, "MPI_Alltoallv");
        }
    }

    /// <inheritdoc/>
    private protected override void AllGather(float* values, ReadOnlySpan<int> counts, ReadOnlySpan<int> places)
    {
        fixed (int* count = counts, place = places)
        {
            watch.Begin("MPI_Allgatherv");
            var result = library.AllGather((void*)constants.InPlace, 0, constants.Float, values, count, place, constants.Float, constants.World);
            Finish(result, "MPI_Allgatherv");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            watch.Dispose();
            // A process that ends in the middle of a call ends all others.
            if (EndSums())
                _ = library.Finish();
        }
    }

    private void Finish(int result, string call)
    {
        watch.End();
        library.Check(result, call);
    }
}
