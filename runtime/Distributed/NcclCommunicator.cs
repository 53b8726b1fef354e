using System.Runtime.InteropServices;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Driver.Nccl;

namespace GptGen.Distributed;

/// <summary>
/// Processes whose arenas lie on a GPU each. NCCL moves and adds what lies in arenas, in an order of its own that is the same from step to step but
/// depends on the number of processes; numbers of the host go the way that the processes found each other by. Sums have a stream of their own, on
/// which they go on beside the backward pass. Whoever waits for a call waits here, so that the watch sees the one that does not come back.
/// </summary>
internal sealed class NcclCommunicator : Communicator
{
    private readonly Communicator host;
    private readonly GpuCollectives collectives;
    private readonly CollectiveWatch watch;
    private readonly GpuStream sums;
    private readonly GpuEvent written;

    private NcclCommunicator(Communicator host, CudaDevice device, string version)
    {
        (this.host, Device) = (host, device);
        (sums, written) = (GpuStream.Create(device.Stream.Context), GpuEvent.Create(device.Stream.Context));
        Engine = $"{host.Engine}, NCCL {version}";
        var id = host.IsFirst ? GpuCollectives.CreateId() : default;
        host.Broadcast(MemoryMarshal.AsBytes(new Span<NcclId>(ref id)));
        GpuCollectives? joined = null;
        watch = new(End, () => Volatile.Read(ref joined)?.Fault() ?? host.Fault());
        watch.Begin("ncclCommInitRank");
        collectives = joined = GpuCollectives.Join(device.Stream, id, host.Rank, host.Size);
        watch.End();
    }

    /// <summary>Whose arenas it moves.</summary>
    internal CudaDevice Device { get; }

    /// <inheritdoc/>
    public override int Rank => host.Rank;

    /// <inheritdoc/>
    public override int Size => host.Size;

    /// <inheritdoc/>
    public override string Host => host.Host;

    /// <inheritdoc/>
    public override string Engine { get; }

    /// <summary>Joins the GPUs of all processes, which all call it.</summary>
    /// <param name="host">The processes, by another engine.</param>
    /// <param name="device">This process's GPU.</param>
    /// <exception cref="GptGenException">NCCL is missing or too old, or does not find the others.</exception>
    internal static NcclCommunicator Start(Communicator host, CudaDevice device) => new(host, device, GpuCollectives.Require());

    /// <inheritdoc/>
    public override void Exchange(ReadOnlySpan<double> own, Span<double> all) => host.Exchange(own, all);

    /// <inheritdoc/>
    internal override void Broadcast(Span<byte> bytes, int from) => host.Broadcast(bytes, from);

    /// <inheritdoc/>
    public override void Abort(int code) => host.Abort(code);

    /// <inheritdoc/>
    internal override Communicator On(Device device) => this;

    /// <inheritdoc/>
    internal override void Leave(int code) => host.Leave(code);

    /// <inheritdoc/>
    internal override void AwaitFirst() => host.AwaitFirst();

    /// <inheritdoc/>
    internal override Partition Divide(ModelDescription model) => Partition.OfEqualPieces(model, Size);

    /// <inheritdoc/>
    internal override void Broadcast(Arena arena, nint count)
    {
        Begin("ncclBroadcast");
        GpuCollectives.BeginGroup();
        foreach (var part in Parts(arena))
        {
            if (part is not null)
                collectives.Broadcast(part.Address(0), count, part.Element, root: 0);
        }

        GpuCollectives.EndGroup();
        Finish("ncclBroadcast");
    }

    /// <inheritdoc/>
    internal override void StartSum(Arena gradients, Partition parts, int bucket)
    {
        var numbers = (CudaArena)gradients;
        Device.Stream.Record(written, "ncclReduceScatter");
        sums.Wait(written, "ncclReduceScatter");
        // The first call of its kind may connect to the others.
        Begin("ncclReduceScatter");
        GpuCollectives.BeginGroup();
        for (var range = parts.FirstRange(bucket); range < parts.FirstRange(bucket + 1); range++)
        {
            if (parts.Piece(range) > 0)
                collectives.ReduceScatter(numbers.Address(parts[range].First), parts.Piece(range), numbers.Element, sums);
            if (parts.Rest(range) > 0)
            {
                collectives.AllReduce(
                    numbers.Address(parts[range].First + parts[range].Count - parts.Rest(range)), parts.Rest(range), numbers.Element, sums);
            }
        }

        GpuCollectives.EndGroup();
        watch.End();
    }

    /// <inheritdoc/>
    internal override void AwaitSums()
    {
        Begin("ncclReduceScatter");
        sums.Synchronize("ncclReduceScatter");
        watch.End();
    }

    /// <summary>Gradients that the GPU adds up once the others come could not be freed, or would be read behind their end.</summary>
    internal override void AbandonSums()
    {
        watch.End();
        collectives.Abort();
    }

    /// <inheritdoc/>
    internal override void AllGather(Arena parameters, Partition parts)
    {
        Begin("ncclAllGather");
        GpuCollectives.BeginGroup();
        foreach (var part in Parts(parameters))
        {
            if (part is not null)
                AllGather(part, parts);
        }

        GpuCollectives.EndGroup();
        Finish("ncclAllGather");
    }

    /// <inheritdoc/>
    internal override void Gather(Arena own, Arena whole, Partition parts)
    {
        for (var range = 0; range < parts.Ranges; range++)
        {
            collectives.Copy(
                ((CudaArena)whole).Address(parts.First(range, Rank)), ((CudaArena)own).Address(parts.FirstMoment(range, Rank)),
                Bytes(own, parts, range), nameof(Gather));
        }

        AllGather(whole, parts);
    }

    /// <inheritdoc/>
    internal override void Scatter(Arena whole, Arena own, Partition parts)
    {
        Broadcast(whole, whole.Elements);
        for (var range = 0; range < parts.Ranges; range++)
        {
            collectives.Copy(
                ((CudaArena)own).Address(parts.FirstMoment(range, Rank)), ((CudaArena)whole).Address(parts.First(range, Rank)),
                Bytes(own, parts, range), nameof(Scatter));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        watch.Dispose();
        collectives.Dispose();
        written.Dispose();
        sums.Dispose();
    }

    /// <summary>An arena's numbers, and of weights that are rounded also those that they are rounded from.</summary>
    private static Pair Parts(Arena arena)
    {
        var pair = default(Pair);
        pair[0] = (CudaArena)arena;
        pair[1] = pair[0]!.Master;
        return pair;
    }

    private nint Bytes(Arena own, Partition parts, int range) => parts.Count(range, Rank) * own.Device.ElementSize(own.Role);

    private void AllGather(CudaArena numbers, Partition parts)
    {
        for (var range = 0; range < parts.Ranges; range++)
        {
            var (first, count) = parts[range];
            var (piece, rest) = (parts.Piece(range), parts.Rest(range));
            if (piece > 0)
                collectives.AllGather(numbers.Address(first), piece, numbers.Element);
            if (rest > 0)
                collectives.Broadcast(numbers.Address(first + count - rest), rest, numbers.Element, root: Size - 1);
        }
    }

    private void Begin(string call) => watch.Begin(call);

    private void Finish(string call)
    {
        collectives.Synchronize(call);
        watch.End();
    }

    [System.Runtime.CompilerServices.InlineArray(2)]
    private struct Pair
    {
        private CudaArena? first;
    }
}
