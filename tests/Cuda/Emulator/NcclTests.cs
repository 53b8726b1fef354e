using GptGen.Emulator;
using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>The stand-in of NCCL, with nothing of the runtime between.</summary>
public sealed unsafe class NcclTests
{
    private const int Float32 = 7;
    private const int Float64 = 8;
    private const int BFloat16 = 9;
    private const int RemoteError = 6;
    private const int NonBlocking = 1;

    [Fact]
    public void Numbers_are_moved_and_summed_up_in_the_order_of_a_ring_at_once_in_groups_and_in_graphs() =>
        RankProcesses.Run<NcclTests>(nameof(Sums), ranks: 3);

    [Fact]
    public void A_rank_that_is_killed_is_a_remote_error_to_the_others() => RankProcesses.Run<NcclTests>(nameof(Killed), ranks: 2, ending: 1);

    [Fact]
    public void Calls_that_differ_are_reported() => RankProcesses.Run<NcclTests>(nameof(Differing), ranks: 2);

    [Fact]
    public void Two_ranks_on_one_GPU_are_refused() => RankProcesses.Run<NcclTests>(nameof(OneGpu), ranks: 2);

    [Fact]
    public void Calls_that_fail_on_request()
    {
        using var cuda = new RawCuda(("FAIL", "ncclGetVersion=3,ncclAllReduce=1@2"));
        int version;
        Assert.Equal(3, Call("ncclGetVersion", (nint)(&version)));
        Check(Call("ncclGetVersion", (nint)(&version)));
        Assert.Equal(23001, version);
        var communicator = Join(0, 1);
        var x = cuda.Upload<float>([1]);
        Check(All("ncclAllReduce", x, x, 1, Float32, 0, communicator, 0));
        Assert.Equal(1, All("ncclAllReduce", x, x, 1, Float32, 0, communicator, 0));
        Assert.Equal(4, All("ncclAllReduce", x, x, 2, Float32, 0, communicator, 0));
        Check(Call("ncclCommDestroy", communicator));
        Assert.Equal(4, All("ncclAllReduce", x, x, 1, Float32, 0, communicator, 0));
    }

    [Fact]
    public void Sums()
    {
        var (rank, size) = (RankProcesses.Rank, RankProcesses.Size);
        using var cuda = new RawCuda(("DEVICES", "3"));
        var communicator = Join(rank, size);
        var stream = Create("cuStreamCreate", NonBlocking);

        // More than a slot; in place.
        const int Count = 100_000;
        var numbers = new float[size][];
        for (var other = 0; other < size; other++)
            numbers[other] = [.. Enumerable.Range(0, Count * size).Select(index => (float)Math.Sin(index + other * 0.1) * (1 + other * 1000))];
        var x = cuda.Upload<float>(numbers[rank]);
        Check(All("ncclReduceScatter", x, x + (ulong)(rank * Count * 4), Count, Float32, 0, communicator, stream));
        Check(Call("cuStreamSynchronize", stream));
        var sums = Download<float>(x + (ulong)(rank * Count * 4), Count);
        for (var index = 0; index < Count; index++)
            Assert.Equal(Ring(owner => numbers[owner][(rank * Count) + index], rank, size), sums[index]);
        Check(All("ncclAllGather", x + (ulong)(rank * Count * 4), x, Count, Float32, communicator, stream, 0));
        Check(Call("cuStreamSynchronize", stream));
        var all = Download<float>(x, Count * size);
        for (var index = 0; index < all.Length; index++)
            Assert.Equal(Ring(owner => numbers[owner][index], index / Count, size), all[index]);

        // Other types; a group runs at its end.
        var y = cuda.Upload<double>([rank + 1e-12]);
        var z = cuda.Upload<ushort>([(ushort)(0x3f80 + rank)]);
        Check(Call("ncclGroupStart"));
        Check(All("ncclAllReduce", y, y, 1, Float64, 0, communicator, stream));
        Check(All("ncclBroadcast", z, z, 1, BFloat16, 2, communicator, stream));
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal([rank + 1e-12], Download<double>(y, 1));
        Check(Call("ncclGroupEnd"));
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal(3 + 3e-12, Download<double>(y, 1)[0], 1e-14);
        Assert.Equal([(ushort)0x3f82], Download<ushort>(z, 1));

        // 1 + 1 + 1 three times over, in a graph.
        var w = cuda.Upload<float>([1]);
        Check(Call("cuStreamBeginCapture_v2", stream, 1));
        Check(All("ncclAllReduce", w, w, 1, Float32, 0, communicator, stream));
        nint graph;
        Check(Call("cuStreamEndCapture", stream, (nint)(&graph)));
        Assert.Equal([1f], Download<float>(w, 1));
        var executable = Create("cuGraphInstantiateWithFlags", graph);
        for (var launch = 0; launch < 3; launch++)
            Check(Call("cuGraphLaunch", executable, stream));
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal([27f], Download<float>(w, 1));

        // Work that waits until somebody does.
        CudaEmulator.Set("DEFERRED", "1");
        Check(All("ncclAllReduce", w, w, 1, Float32, 0, communicator, stream));
        Assert.Equal([27f], Download<float>(w, 1));
        Check(Call("cuStreamSynchronize", stream));
        Assert.Equal([81f], Download<float>(w, 1));
        Check(Call("ncclCommDestroy", communicator));
    }

    [Fact]
    public void Killed()
    {
        var rank = RankProcesses.Rank;
        using var cuda = new RawCuda(("DEVICES", "2"));
        var communicator = Join(rank, 2);
        var x = cuda.Upload<float>([rank]);
        Check(All("ncclAllReduce", x, x, 1, Float32, 0, communicator, 0));
        Assert.Equal([1f], Download<float>(x, 1));
        if (rank == 1)
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            self.Kill();
        }

        // As on a GPU, the kernel waits until somebody ends it.
        var context = Create("cuCtxGetCurrent");
        var waiting = new Thread(() =>
        {
            Check(Call("cuCtxSetCurrent", context));
            Check(All("ncclAllReduce", x, x, 1, Float32, 0, communicator, 0));
        });
        waiting.Start();
        int error = 0;
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); error == 0 && watch.Elapsed < TimeSpan.FromSeconds(20);)
        {
            Thread.Sleep(5);
            Check(Call("ncclCommGetAsyncError", communicator, (nint)(&error)));
        }

        Assert.Equal(RemoteError, error);
        Assert.True(waiting.IsAlive);
        Check(Call("ncclCommAbort", communicator));
        waiting.Join();
    }

    [Fact]
    public void Differing()
    {
        var rank = RankProcesses.Rank;
        using var cuda = new RawCuda(("DEVICES", "2"));
        var communicator = Join(rank, 2);
        var x = cuda.Upload<float>([rank, 0, 0, 0]);
        Check(All("ncclAllReduce", x, x, (ulong)(rank + 1), Float32, 0, communicator, 0));
        Assert.Equal(719, Call("cuCtxSynchronize"));
        Assert.Contains(
            rank == 0
                ? "rank 0 calls ncclAllReduce of 1 numbers of type 7, but rank 1 ncclAllReduce of 2 numbers of type 7"
                : "rank 1 calls ncclAllReduce of 2 numbers of type 7, but rank 0 ncclAllReduce of 1 numbers of type 7",
            CudaEmulator.Reports);
    }

    [Fact]
    public void OneGpu()
    {
        using var cuda = new RawCuda(("DEVICES", "1"));
        Assert.Equal(5, TryJoin(RankProcesses.Rank, 2, out _));
    }

    private static float Ring(Func<int, float> number, int owner, int size)
    {
        var sum = number((owner + 1) % size);
        for (var step = 2; step <= size; step++)
            sum += number((owner + step) % size);
        return sum;
    }

    private static nint Join(int rank, int size)
    {
        Check(Call("cuCtxSetCurrent", Create("cuDevicePrimaryCtxRetain", rank)));
        Check(TryJoin(rank, size, out var communicator));
        return communicator;
    }

    private static int TryJoin(int rank, int size, out nint communicator)
    {
        UniqueId id;
        Check(Call("ncclGetUniqueId", (nint)(&id)));
        nint handle = 0;
        var status = ((delegate* unmanaged<nint*, int, UniqueId, int, int>)CudaEmulator.EntryPoint("ncclCommInitRank"))(&handle, size, id, rank);
        communicator = handle;
        return status;
    }

    /// <summary>A collective; the last arguments are what its signature says.</summary>
    private static int All(string name, ulong send, ulong receive, ulong count, nint type, nint a, nint b, nint c) =>
        ((delegate* unmanaged<ulong, ulong, ulong, nint, nint, nint, nint, int>)CudaEmulator.EntryPoint(name))(send, receive, count, type, a, b, c);

    private struct UniqueId
    {
        public fixed byte Bytes[128];
    }
}
