using System.Runtime.InteropServices;
using System.Text;
using GptGen.Distributed.Mpi;
using GptGen.Distributed.Tcp;

namespace GptGen.Distributed;

/// <summary>
/// The processes that compute one run together, and what they move between them. All call the same methods in the same order, which are collective
/// unless said otherwise; one thread at a time. A process that is alone has none.
/// </summary>
public abstract class Communicator : IDisposable
{
    /// <summary>What is given to all at once of what is large.</summary>
    private protected const int PieceBytes = 64 << 20;

    private NcclCommunicator? gpus;

    /// <summary>Made by this library only.</summary>
    internal Communicator()
    {
    }

    /// <summary>This process's number, from 0; 0 reads, logs and writes.</summary>
    public abstract int Rank { get; }

    /// <summary>Processes in all, at least 2.</summary>
    public abstract int Size { get; }

    /// <summary>The name of this process's machine.</summary>
    public abstract string Host { get; }

    /// <summary>What moves the data, for people.</summary>
    public abstract string Engine { get; }

    /// <summary>Whether this process reads, logs and writes.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>
    /// Finds the other processes that mpirun, srun or torchrun started; null where this one is alone. Not to be called a second time.
    /// </summary>
    /// <exception cref="GptGenException">
    /// MPI's library is missing, or is another one than the launcher's, so that the processes do not find each other; or not all come in time.
    /// </exception>
    public static Communicator? Start() =>
        Launch.Current() is not { } launch ? null
        : launch.Meeting is { } place ? TcpCommunicator.Start(launch, place)
        : MpiCommunicator.Start(launch);

    /// <summary>Gives every process the numbers of all.</summary>
    /// <param name="own">This process's numbers, as many as each other one gives.</param>
    /// <param name="all">Receives those of rank 0, then those of rank 1…</param>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    public abstract void Exchange(ReadOnlySpan<double> own, Span<double> all);

    /// <summary>Gives every process the bytes of rank 0.</summary>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    public void Broadcast(Span<byte> bytes) => Broadcast(bytes, 0);

    /// <summary>
    /// Ends all processes. Not collective: one that cannot go on calls it. May return before they have ended; this one then ends by itself.
    /// </summary>
    /// <param name="code">The exit code.</param>
    public abstract void Abort(int code);

    /// <summary>
    /// The same processes as they move what lies in arenas of a device; of a GPU all call it at the same time, and this one keeps what it gives.
    /// </summary>
    /// <exception cref="GptGenException">There is no engine for the device, or the others cannot be reached.</exception>
    internal virtual Communicator On(Device device)
    {
        if (device is not CudaDevice gpu)
            return this;
        if (gpus?.Device != gpu)
        {
            gpus?.Dispose();
            gpus = NcclCommunicator.Start(this, gpu);
        }

        return gpus;
    }

    /// <summary>Refuses processes that have nothing to move a CPU's numbers by.</summary>
    /// <exception cref="GptGenException">They have not.</exception>
    internal virtual void RequireCpu()
    {
    }

    /// <summary>This process's number on its machine, where who started it says so.</summary>
    internal virtual int? LocalRank => null;

    /// <summary>Who has ended meanwhile, where that is seen without a call to them; null where nothing is known. Any thread may ask.</summary>
    internal virtual string? Fault() => null;

    /// <summary>Ends this process at once, from any thread; its launcher ends the others.</summary>
    internal virtual void Leave(int code) => SystemLibrary.Exit(code);

    /// <summary>How ranks divide a model's trained parameters.</summary>
    internal virtual Partition Divide(ModelDescription model) => Partition.OfBlocks(model, Size);

    /// <summary>Whether something holds for any process.</summary>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    internal bool Any(bool own)
    {
        Span<double> all = stackalloc double[Size];
        Exchange([own ? 1 : 0], all);
        return all.ContainsAnyExcept(0);
    }

    /// <summary>The text of rank 0.</summary>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    internal string Broadcast(string? own)
    {
        var bytes = Encoding.UTF8.GetBytes(IsFirst ? own! : "");
        Span<double> lengths = stackalloc double[Size];
        Exchange([bytes.Length], lengths);
        if (!IsFirst)
            bytes = new byte[(int)lengths[0]];
        Broadcast(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Gives every process the bytes of one of them.</summary>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    internal abstract void Broadcast(Span<byte> bytes, int from);

    /// <summary>Gives every process the numbers of one of them.</summary>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    internal void Broadcast(Span<float> values, int from)
    {
        for (var left = values; !left.IsEmpty; left = left[Math.Min(left.Length, PieceBytes / sizeof(float))..])
            Broadcast(MemoryMarshal.AsBytes(left[..Math.Min(left.Length, PieceBytes / sizeof(float))]), from);
    }

    /// <summary>Gives every process the first elements of rank 0's arena.</summary>
    internal abstract void Broadcast(Arena arena, nint count);

    /// <summary>
    /// Begins to sum a bucket of gradients up over all ranks, in an order that repeats itself, and returns meanwhile. All begin the same buckets in
    /// the same order, and until <see cref="AwaitSums"/> make no other collective call. Nobody touches the bucket's gradients before.
    /// </summary>
    /// <param name="gradients">The gradients of a model.</param>
    /// <param name="parts">Its buckets and their pieces.</param>
    /// <param name="bucket">Which bucket, whose last gradients have been asked of the device.</param>
    internal abstract void StartSum(Arena gradients, Partition parts, int bucket);

    /// <summary>
    /// Waits for what <see cref="StartSum"/> began: each rank finds the sums in its own pieces, and the rest of the gradients is of no use any more.
    /// </summary>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    internal abstract void AwaitSums();

    /// <summary>Stops what <see cref="StartSum"/> began, where this process cannot go on; it sums nothing up any more.</summary>
    internal virtual void AbandonSums()
    {
    }

    /// <summary>Gives every process each rank's part.</summary>
    internal abstract void AllGather(Arena parameters, Partition parts);

    /// <summary>Puts each rank's own numbers into their place in an arena of rank 0; what others have in such an arena may be lost.</summary>
    internal abstract void Gather(Arena own, Arena whole, Partition parts);

    /// <summary>Gives each rank its part of rank 0's numbers; what others have in such an arena may be lost.</summary>
    internal abstract void Scatter(Arena whole, Arena own, Partition parts);

    /// <summary>Waits for rank 0, which may be at a large file: longer than other calls (<see cref="CollectiveWatch.PatienceForFiles"/>).</summary>
    internal abstract void AwaitFirst();

    /// <summary>Leaves the others, who leave too.</summary>
    public void Dispose()
    {
        gpus?.Dispose();
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Leaves the others.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Ends this process at once, with an error, where its thread waits for what never comes; the launcher ends the others.</summary>
    private protected void End(string message)
    {
        Console.Error.WriteLine($"error: {RankText.Of(this)}: {message}");
        Leave(1);
    }
}
