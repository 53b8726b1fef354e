using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using GptGen.Cuda.Driver;

namespace GptGen.Cuda;

/// <summary>
/// Moves numbers between the host and the GPU. Data for the GPU goes through pinned memory and a buffer on the GPU: the slow way over the bus runs
/// on a stream of its own beside the kernels, and the compute stream copies at its turn inside the GPU, so that a batch is sent while the step
/// before still runs. No call allocates.
/// </summary>
internal sealed class StagingArea : IDisposable
{
    private const int SlotBytes = 1 << 20;

    /// <summary>
    /// So few bytes are there sooner if the compute stream copies them at its turn than if two streams wait for each other.
    /// </summary>
    private const int FewBytes = 4096;

    /// <summary>Two training steps' writes of a batch and some more: with fewer the host waits for the step before, then the GPU for it.</summary>
    private const int SlotCount = 12;

    private readonly GpuStream compute;
    private readonly GpuStream copies;
    private readonly GpuEvent computed;
    private readonly Slot[] slots = new Slot[SlotCount];
    private int next;

    /// <summary>Allocates.</summary>
    /// <param name="compute">The stream of the kernels.</param>
    public StagingArea(GpuStream compute)
    {
        this.compute = compute;
        copies = GpuStream.Create(compute.Context);
        computed = GpuEvent.Create(compute.Context);
        for (var i = 0; i < SlotCount; i++)
            slots[i] = new(compute.Context);
    }

    /// <summary>
    /// Sends values to the GPU; they are there for what is asked of the compute stream from now on. The caller may reuse its memory at once.
    /// </summary>
    public void Write<T>(GpuAddress destination, ReadOnlySpan<T> values, string operation)
        where T : unmanaged
    {
        for (var bytes = MemoryMarshal.AsBytes(values); bytes.Length > 0;)
        {
            var part = Math.Min(bytes.Length, SlotBytes);
            var slot = Take(operation);
            bytes[..part].CopyTo(slot.Pinned.Span<byte>(part));
            Send(slot, destination, part, operation);
            bytes = bytes[part..];
            destination += part;
        }
    }

    /// <summary>The same of f32 numbers as bf16, rounded to the nearest, ties to even.</summary>
    public void WriteRounded(GpuAddress destination, ReadOnlySpan<float> values, string operation)
    {
        while (!values.IsEmpty)
        {
            var part = Math.Min(values.Length, SlotBytes / sizeof(ushort));
            var slot = Take(operation);
            ElementTypes.Encode(ElementType.BF16, values[..part], slot.Pinned.Span<byte>(part * sizeof(ushort)));
            Send(slot, destination, part * sizeof(ushort), operation);
            values = values[part..];
            destination += part * sizeof(ushort);
        }
    }

    /// <summary>
    /// Fetches values, after everything asked of the compute stream before. While one part is copied to the caller the next is under way.
    /// </summary>
    public void Read<T>(GpuAddress source, Span<T> values, string operation)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        Fetch(source, bytes.Length, new Copying(bytes), operation);
    }

    /// <summary>The same of bf16 numbers as f32.</summary>
    public void ReadWidened(GpuAddress source, Span<float> values, string operation) =>
        Fetch(source, checked(values.Length * sizeof(ushort)), new Widening(values), operation);

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        foreach (var slot in slots)
            slot.Dispose();
        computed.Dispose();
        copies.Dispose();
    }

    /// <summary>The next slot, once nothing uses it.</summary>
    private Slot Take(string operation)
    {
        var slot = slots[next];
        next = (next + 1) % SlotCount;
        slot.Free.Synchronize(operation);
        return slot;
    }

    /// <summary>Sends what lies in a slot.</summary>
    private void Send(Slot slot, GpuAddress destination, int bytes, string operation)
    {
        if (bytes <= FewBytes)
        {
            compute.CopyToGpu(destination, slot.Pinned, 0, bytes, operation);
        }
        else
        {
            copies.CopyToGpu(slot.Buffer.Address, slot.Pinned, 0, bytes, operation);
            copies.Record(slot.Arrived, operation);
            compute.Wait(slot.Arrived, operation);
            compute.CopyOnGpu(destination, slot.Buffer.Address, bytes, operation);
        }

        compute.Record(slot.Free, operation);
    }

    private void Fetch<TSink>(GpuAddress source, int bytes, TSink sink, string operation)
        where TSink : struct, ISink, allows ref struct
    {
        if (bytes == 0)
            return;
        if (bytes <= FewBytes)
        {
            var only = Take(operation);
            compute.CopyToHost(only.Pinned, 0, source, bytes, operation);
            compute.Record(only.Free, operation);
            only.Free.Synchronize(operation);
            sink.Take(0, only.Pinned.Span<byte>(bytes));
            return;
        }

        compute.Record(computed, operation);
        copies.Wait(computed, operation);
        var asked = 0;
        for (var taken = 0; taken < bytes; taken += SlotBytes)
        {
            for (; asked < bytes && asked < taken + (2 * SlotBytes); asked += SlotBytes)
            {
                var target = slots[asked / SlotBytes % SlotCount];
                target.Free.Synchronize(operation);
                copies.CopyToHost(target.Pinned, 0, source + asked, Math.Min(bytes - asked, SlotBytes), operation);
                copies.Record(target.Arrived, operation);
            }

            var slot = slots[taken / SlotBytes % SlotCount];
            slot.Arrived.Synchronize(operation);
            var part = Math.Min(bytes - taken, SlotBytes);
            sink.Take(taken, slot.Pinned.Span<byte>(part));
        }
    }

    /// <summary>Where fetched bytes go.</summary>
    private interface ISink
    {
        /// <summary>Takes the bytes from <paramref name="first"/> on.</summary>
        void Take(int first, ReadOnlySpan<byte> part);
    }

    /// <summary>Bytes as they are.</summary>
    private readonly ref struct Copying(Span<byte> target) : ISink
    {
        private readonly Span<byte> target = target;

        public void Take(int first, ReadOnlySpan<byte> part) => part.CopyTo(target[first..]);
    }

    /// <summary>From bf16 to f32.</summary>
    private readonly ref struct Widening(Span<float> target) : ISink
    {
        private readonly Span<float> target = target;

        public void Take(int first, ReadOnlySpan<byte> part) =>
            ElementTypes.Decode(ElementType.BF16, part, target.Slice(first / sizeof(ushort), part.Length / sizeof(ushort)));
    }

    /// <summary>Pinned memory, a buffer on the GPU, and what its next user waits for.</summary>
    private sealed class Slot(GpuContext context) : IDisposable
    {
        private const string Purpose = "the staging of copies";

        /// <summary>The host's side.</summary>
        public PinnedMemory Pinned { get; } = PinnedMemory.Allocate(context, SlotBytes, Purpose);

        /// <summary>The GPU's side.</summary>
        public GpuMemory Buffer { get; } = GpuMemory.Allocate(context, SlotBytes, Purpose);

        /// <summary>The copy over the bus is done.</summary>
        public GpuEvent Arrived { get; } = GpuEvent.Create(context);

        /// <summary>Both sides may be used again. An event that was never recorded is done.</summary>
        public GpuEvent Free { get; } = GpuEvent.Create(context);

        public void Dispose()
        {
            Pinned.Dispose();
            Buffer.Dispose();
            Arrived.Dispose();
            Free.Dispose();
        }
    }
}
