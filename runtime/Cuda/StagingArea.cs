using System.Runtime.InteropServices;
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
    private const int SlotCount = 4;

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
            var slot = slots[next];
            next = (next + 1) % SlotCount;
            slot.Free.Synchronize(operation);
            bytes[..part].CopyTo(slot.Pinned.Span<byte>(part));
            copies.CopyToGpu(slot.Buffer.Address, slot.Pinned, 0, part, operation);
            copies.Record(slot.Arrived, operation);
            compute.Wait(slot.Arrived, operation);
            compute.CopyOnGpu(destination, slot.Buffer.Address, part, operation);
            compute.Record(slot.Free, operation);
            bytes = bytes[part..];
            destination += part;
        }
    }

    /// <summary>
    /// Fetches values, after everything asked of the compute stream before. While one part is copied to the caller the next is under way.
    /// </summary>
    public void Read<T>(GpuAddress source, Span<T> values, string operation)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        if (bytes.IsEmpty)
            return;
        compute.Record(computed, operation);
        copies.Wait(computed, operation);
        var asked = 0;
        for (var taken = 0; taken < bytes.Length; taken += SlotBytes)
        {
            for (; asked < bytes.Length && asked < taken + (2 * SlotBytes); asked += SlotBytes)
            {
                var target = slots[asked / SlotBytes % SlotCount];
                target.Free.Synchronize(operation);
                copies.CopyToHost(target.Pinned, 0, source + asked, Math.Min(bytes.Length - asked, SlotBytes), operation);
                copies.Record(target.Arrived, operation);
            }

            var slot = slots[taken / SlotBytes % SlotCount];
            slot.Arrived.Synchronize(operation);
            var part = Math.Min(bytes.Length - taken, SlotBytes);
            slot.Pinned.Span<byte>(part).CopyTo(bytes[taken..]);
        }
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        foreach (var slot in slots)
            slot.Dispose();
        computed.Dispose();
        copies.Dispose();
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
