using System.Globalization;
using System.Runtime.InteropServices;
using GptGen.Cuda.Driver.Nccl;
using GptGen.Cuda.Libraries;
using GptGen.Distributed.Mpi;

namespace GptGen.Cuda.Driver;

/// <summary>
/// NCCL between the GPUs of several processes, in the order of one stream unless a call names another one. All processes make the same calls, which
/// only ask for the work; whoever waits for the stream waits for the others. Numbers stay in their place, and no call allocates managed memory.
/// </summary>
internal sealed unsafe class GpuCollectives : GpuResource
{
    /// <summary>The oldest version that is used, as NCCL writes it: 2.18.</summary>
    private const int OldestVersion = 21800;

    private const string MoreWords = "NCCL_DEBUG=WARN says more.";

    private readonly GpuStream stream;
    private readonly Lock aborting = new();
    private readonly IntPtr handle;
    private readonly int rank;
    private bool isAborted;

    private GpuCollectives(GpuStream stream, IntPtr handle, int rank) : base(stream.Context) =>
        (this.stream, this.handle, this.rank) = (stream, handle, rank);

    private IntPtr Handle => !isAborted
        ? handle
        : throw new GptGenException("A step between the GPUs of several processes failed before: start the processes again.");

    /// <summary>Loads NCCL.</summary>
    /// <returns>Its version, as "2.30.1".</returns>
    /// <exception cref="GptGenException">It is missing or too old.</exception>
    public static string Require()
    {
        // Sums within NVLink's switches (Hopper) are not repeatable (NVIDIA/nccl issue 1497). C code reads its environment when it is loaded.
        if (OperatingSystem.IsLinux())
            SystemLibrary.SetDefault("NCCL_NVLS_ENABLE", "0");
        var search = CudaLibraries.Nccl;
        if (search.Found is null)
        {
            throw new GptGenException(
                $"Several processes cannot compute on GPUs: NCCL ({string.Join(", ", search.Files)}) was not found. "
                + $"{LibraryAdvice.Remedy(search)} {LibraryAdvice.CpuWorks}");
        }

        var version = Version(out var text);
        if (version < OldestVersion)
        {
            throw new GptGenException(
                $"NCCL {text} ({search.Found.Path}) is too old, and at least 2.18 is needed. {LibraryAdvice.Remedy(search)} "
                + LibraryAdvice.CpuWorks);
        }

        return text;
    }

    /// <summary>NCCL's version in its own number and as people write it.</summary>
    /// <exception cref="GptGenException">It does not tell.</exception>
    public static int Version(out string text)
    {
        var version = 0;
        Check(NcclNativeMethods.ncclGetVersion(&version), "ncclGetVersion");
        text = string.Create(CultureInfo.InvariantCulture, $"{version / 10000}.{version / 100 % 100}.{version % 100}");
        return version;
    }

    /// <summary>What one process makes and gives to the others before they join.</summary>
    public static NcclId CreateId()
    {
        NcclId id;
        Check(NcclNativeMethods.ncclGetUniqueId(&id), "ncclGetUniqueId");
        return id;
    }

    /// <summary>Finds the other processes, and waits for them.</summary>
    /// <param name="stream">Whose GPU and order it is.</param>
    /// <param name="id">What all know.</param>
    /// <param name="rank">This process's number.</param>
    /// <param name="size">Processes in all.</param>
    public static GpuCollectives Join(GpuStream stream, in NcclId id, int rank, int size)
    {
        stream.Context.MakeCurrentToCreate();
        IntPtr handle = 0;
        Check(NcclNativeMethods.ncclCommInitRank(&handle, size, id, rank), "ncclCommInitRank");
        return new(stream, handle, rank);
    }

    /// <summary>
    /// Sums up equal pieces of all processes' numbers, in the order of another stream; each finds the sum in its own piece, and the rest is of no
    /// use.
    /// </summary>
    public void ReduceScatter(GpuAddress numbers, nint piece, GpuElement element, GpuStream order)
    {
        Context.MakeCurrent();
        Check(
            NcclNativeMethods.ncclReduceScatter(
                numbers.Value, Own(numbers, piece, element), (nuint)piece, TypeOf(element), NcclOperation.Sum, Handle, order.Handle),
            "ncclReduceScatter");
    }

    /// <summary>Gives every process each one's piece.</summary>
    public void AllGather(GpuAddress numbers, nint piece, GpuElement element)
    {
        Context.MakeCurrent();
        Check(
            NcclNativeMethods.ncclAllGather(
                Own(numbers, piece, element), numbers.Value, (nuint)piece, TypeOf(element), Handle, stream.Handle),
            "ncclAllGather");
    }

    /// <summary>Gives every process the sum of all processes' numbers, in the order of another stream.</summary>
    public void AllReduce(GpuAddress numbers, nint count, GpuElement element, GpuStream order)
    {
        Context.MakeCurrent();
        Check(
            NcclNativeMethods.ncclAllReduce(
                numbers.Value, numbers.Value, (nuint)count, TypeOf(element), NcclOperation.Sum, Handle, order.Handle),
            "ncclAllReduce");
    }

    /// <summary>Gives every process the numbers of one.</summary>
    public void Broadcast(GpuAddress numbers, nint count, GpuElement element, int root)
    {
        Context.MakeCurrent();
        Check(
            NcclNativeMethods.ncclBroadcast(numbers.Value, numbers.Value, (nuint)count, TypeOf(element), root, Handle, stream.Handle),
            "ncclBroadcast");
    }

    /// <summary>What this thread asks for from here on is done at once at the group's end.</summary>
    public static void BeginGroup() => Check(NcclNativeMethods.ncclGroupStart(), "ncclGroupStart");

    /// <summary>Asks for the group's work.</summary>
    public static void EndGroup() => Check(NcclNativeMethods.ncclGroupEnd(), "ncclGroupEnd");

    /// <summary>Waits for all that was asked for.</summary>
    public void Synchronize(string operation) => stream.Synchronize(operation);

    /// <summary>Copies inside the GPU, in the stream's order.</summary>
    public void Copy(GpuAddress destination, GpuAddress source, nint bytes, string operation) =>
        stream.CopyOnGpu(destination, source, bytes, operation);

    /// <summary>What NCCL has noticed about the other processes since; null for nothing. Any thread may ask at any time.</summary>
    public string? Fault()
    {
        NcclResult result;
        lock (aborting)
        {
            if (isAborted)
                return null;
            var asked = NcclNativeMethods.ncclCommGetAsyncError(handle, &result);
            if (asked != NcclResult.Success)
                result = asked;
        }

        return result is NcclResult.Success or NcclResult.InProgress ? null : Describe(result);
    }

    /// <summary>Ends what waits on the GPU for the other processes. Nothing can be asked for any more.</summary>
    public void Abort()
    {
        lock (aborting)
        {
            if (isAborted)
                return;
            isAborted = true;
            Context.MakeCurrent();
            // Whatever it answers, the communicator is gone.
            _ = NcclNativeMethods.ncclCommAbort(handle);
        }
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        if (!isAborted)
            NcclNativeMethods.ncclCommDestroy(handle);
    }

    private static NcclType TypeOf(GpuElement element) => element switch
    {
        GpuElement.Float32 => NcclType.Float32,
        GpuElement.BFloat16 => NcclType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(element)),
    };

    /// <summary>Where this process's piece begins.</summary>
    private ulong Own(GpuAddress numbers, nint piece, GpuElement element) =>
        (numbers + (rank * piece * element.Bytes())).Value;

    private static void Check(NcclResult result, string call)
    {
        if (result != NcclResult.Success)
            throw new GptGenException($"{call} failed: {Describe(result)}");
    }

    /// <summary>NCCL's own words for a result, and what to do.</summary>
    private static string Describe(NcclResult result)
    {
        var last = Marshal.PtrToStringUTF8(NcclNativeMethods.ncclGetLastError(0));
        var more = string.IsNullOrWhiteSpace(last) ? "" : $", {MessageText.OneLine(last.Trim())}";
        return $"{Marshal.PtrToStringUTF8(NcclNativeMethods.ncclGetErrorString(result))} ({(int)result}{more}). {Remedy(result)}";
    }

    private static string Remedy(NcclResult result) => result switch
    {
        NcclResult.CudaError => $"The GPU's memory may be full, or a kernel before this call failed. {MoreWords}",
        NcclResult.SystemError =>
            "The network or the shared memory between processes fails: start a container with --shm-size=1g, and where a host has several networks "
            + $"name one with NCCL_SOCKET_IFNAME; NCCL_P2P_DISABLE=1 goes round a broken way from GPU to GPU. {MoreWords}",
        NcclResult.InvalidUsage => $"Start one process for each GPU of a host, as two cannot share one. {MoreWords}",
        NcclResult.RemoteError =>
            "Another process has ended, or the network between them fails: start the run again from its last checkpoint.",
        _ => MoreWords,
    };
}
