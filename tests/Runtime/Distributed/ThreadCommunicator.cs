using GptGen.Distributed;

namespace GptGen.Runtime.Tests.Distributed;

/// <summary>Several "processes" that are threads of this one: what is above the engine, without an engine.</summary>
internal sealed unsafe class ThreadCommunicator : HostCommunicator
{
    private readonly Board board;

    private ThreadCommunicator(Board board, int rank) => (this.board, Rank) = (board, rank);

    /// <summary>Buckets of single blocks, so that small models have several.</summary>
    internal override Partition Divide(ModelDescription model) => Partition.OfBlocks(model, Size, bucketBlocks: 1);

    public override int Rank { get; }

    public override int Size => board.Places.Length;

    public override string Host => "here";

    public override string Engine => "threads";

    /// <summary>Runs work on some ranks at once, each with a communicator; the first exception is thrown.</summary>
    public static void Run(int ranks, Action<Communicator?> work)
    {
        if (ranks == 1)
        {
            work(null);
            return;
        }

        var board = new Board(ranks);
        var failures = new List<Exception>();
        var threads = Enumerable.Range(0, ranks).Select(rank => new Thread(() =>
        {
            try
            {
                using var communicator = new ThreadCommunicator(board, rank);
                work(communicator);
            }
            catch (Exception error)
            {
                lock (failures)
                    failures.Add(error);
                board.End();
            }
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        if (failures.Find(static error => error is not OperationCanceledException) is { } failure)
            throw failure;
        if (failures.Count > 0)
            throw failures[0];
    }

    public override void Exchange(ReadOnlySpan<double> own, Span<double> all)
    {
        RequireNoSums();
        fixed (double* values = own)
        {
            Publish((nint)values);
            for (var rank = 0; rank < Size; rank++)
                new ReadOnlySpan<double>((double*)board.Places[rank], own.Length).CopyTo(all.Slice(rank * own.Length, own.Length));
            Meet();
        }
    }

    internal override void Broadcast(Span<byte> bytes, int from)
    {
        RequireNoSums();
        fixed (byte* values = bytes)
        {
            Publish((nint)values);
            if (Rank != from)
                new ReadOnlySpan<byte>((byte*)board.Places[from], bytes.Length).CopyTo(bytes);
            Meet();
        }
    }

    public override void Abort(int code) => board.End();

    internal override void AwaitFirst() => Meet();

    private protected override void AllToAll(
        float* send, ReadOnlySpan<int> sendCounts, ReadOnlySpan<int> sendPlaces, float* receive, ReadOnlySpan<int> receiveCounts,
        ReadOnlySpan<int> receivePlaces)
    {
        fixed (int* counts = sendCounts, places = sendPlaces)
        {
            board.Counts[Rank] = (nint)counts;
            board.SendPlaces[Rank] = (nint)places;
            Publish((nint)send);
            for (var rank = 0; rank < Size; rank++)
            {
                if (((int*)board.Counts[rank])[Rank] != receiveCounts[rank])
                    throw new InvalidOperationException($"Rank {rank} sends another number of elements than rank {Rank} receives.");
                new ReadOnlySpan<float>((float*)board.Places[rank] + ((int*)board.SendPlaces[rank])[Rank], receiveCounts[rank])
                    .CopyTo(new Span<float>(receive + receivePlaces[rank], receiveCounts[rank]));
            }

            Meet();
        }
    }

    private protected override void AllGather(float* values, ReadOnlySpan<int> counts, ReadOnlySpan<int> places)
    {
        Publish((nint)values);
        for (var rank = 0; rank < Size; rank++)
        {
            if (rank != Rank)
            {
                new ReadOnlySpan<float>((float*)board.Places[rank] + places[rank], counts[rank])
                    .CopyTo(new Span<float>(values + places[rank], counts[rank]));
            }
        }

        Meet();
    }

    private void Publish(nint place)
    {
        board.Places[Rank] = place;
        Meet();
    }

    private void Meet() => board.Meet();

    /// <summary>Where ranks lay down what they have; allocates nothing once it is there.</summary>
    private sealed class Board(int ranks)
    {
        private readonly object gate = new();
        private int arrived;
        private int meetings;
        private bool hasEnded;

        public nint[] Places { get; } = new nint[ranks];

        public nint[] Counts { get; } = new nint[ranks];

        public nint[] SendPlaces { get; } = new nint[ranks];

        /// <summary>Waits for all ranks.</summary>
        public void Meet()
        {
            lock (gate)
            {
                var meeting = meetings;
                if (++arrived == ranks)
                {
                    (arrived, meetings) = (0, meetings + 1);
                    Monitor.PulseAll(gate);
                }

                while (meeting == meetings && !hasEnded)
                    Monitor.Wait(gate);
                if (meeting == meetings)
                    throw new OperationCanceledException();
            }
        }

        /// <summary>Ends all meetings.</summary>
        public void End()
        {
            lock (gate)
            {
                hasEnded = true;
                Monitor.PulseAll(gate);
            }
        }
    }
}
