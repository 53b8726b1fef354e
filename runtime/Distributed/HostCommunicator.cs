using System.Runtime.InteropServices;
using GptGen.Cpu;

namespace GptGen.Distributed;

/// <summary>
/// What a communicator does with arenas of the CPU device, by what an engine can move. Engines add in orders of their own, which change with the
/// message's size, the number of hosts and the library; here they only move numbers, and the sum is ours.
/// </summary>
internal abstract unsafe class HostCommunicator : Communicator
{
    /// <summary>Elements that a reduction has on the way at once: pieces of a few megabytes are faster than one call, and need little room.</summary>
    private const int SliceElements = 1 << 20;

    private readonly SumThread sums;
    private NativeBuffer? received;
    private int[] sendCounts = [], sendPlaces = [], receiveCounts = [], receivePlaces = [];

    /// <summary>Made by engines.</summary>
    internal HostCommunicator() => sums = new(Sum);

    /// <summary>Each rank's piece of what is sent goes to that rank; counts and places are in floats.</summary>
    private protected abstract void AllToAll(
        float* send, ReadOnlySpan<int> sendCounts, ReadOnlySpan<int> sendPlaces, float* receive, ReadOnlySpan<int> receiveCounts,
        ReadOnlySpan<int> receivePlaces);

    /// <summary>Each rank's piece, which lies in its place, comes into the same place everywhere.</summary>
    private protected abstract void AllGather(float* values, ReadOnlySpan<int> counts, ReadOnlySpan<int> places);

    /// <inheritdoc/>
    internal sealed override void Broadcast(Arena arena, nint count)
    {
        var bytes = (byte*)Floats(arena);
        for (nint done = 0, all = count * sizeof(float); done < all; done += PieceBytes)
            Broadcast(new Span<byte>(bytes + done, (int)Math.Min(PieceBytes, all - done)));
    }

    /// <inheritdoc/>
    internal sealed override void StartSum(Arena gradients, Partition parts, int bucket) => sums.Start(gradients, parts, bucket);

    /// <inheritdoc/>
    internal sealed override void AwaitSums() => sums.Await();

    /// <inheritdoc/>
    internal sealed override void AbandonSums() => _ = EndSums();

    /// <inheritdoc/>
    internal sealed override void AllGather(Arena parameters, Partition parts)
    {
        RequireNoSums();
        Reserve();
        for (var range = 0; range < parts.Ranges; range++)
        {
            Describe(parts, range);
            AllGather(Floats(parameters), receiveCounts, receivePlaces);
        }
    }

    /// <inheritdoc/>
    internal sealed override void Gather(Arena own, Arena whole, Partition parts)
    {
        RequireNoSums();
        Reserve();
        for (var range = 0; range < parts.Ranges; range++)
        {
            Describe(parts, range);
            if (!IsFirst)
                Array.Clear(receiveCounts);
            Array.Clear(sendCounts);
            Array.Clear(sendPlaces);
            sendCounts[0] = (int)parts.Count(range, Rank);
            sendPlaces[0] = (int)parts.FirstMoment(range, Rank);
            AllToAll(Floats(own), sendCounts, sendPlaces, Floats(whole), receiveCounts, receivePlaces);
        }
    }

    /// <inheritdoc/>
    internal sealed override void Scatter(Arena whole, Arena own, Partition parts)
    {
        RequireNoSums();
        Reserve();
        for (var range = 0; range < parts.Ranges; range++)
        {
            Describe(parts, range);
            receiveCounts.CopyTo(sendCounts, 0);
            receivePlaces.CopyTo(sendPlaces, 0);
            if (!IsFirst)
                Array.Clear(sendCounts);
            Array.Clear(receiveCounts);
            Array.Clear(receivePlaces);
            receiveCounts[0] = (int)parts.Count(range, Rank);
            receivePlaces[0] = (int)parts.FirstMoment(range, Rank);
            AllToAll(Floats(whole), sendCounts, sendPlaces, Floats(own), receiveCounts, receivePlaces);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && EndSums())
            received?.Dispose();
    }

    /// <summary>Throws where this thread would call the engine while the other one may.</summary>
    private protected void RequireNoSums()
    {
        if (sums.IsBusy)
            throw new InvalidOperationException($"A collective call needs a call of {nameof(AwaitSums)} before it, as sums were begun.");
    }

    /// <summary>Ends the thread for sums; false where it still calls the engine.</summary>
    private protected bool EndSums() => sums.End();

    private static float* Floats(Arena arena) => ((CpuArena)arena).FloatsAt(0);

    private void Reserve()
    {
        if (sendCounts.Length == 0)
            (sendCounts, sendPlaces, receiveCounts, receivePlaces) = (new int[Size], new int[Size], new int[Size], new int[Size]);
    }

    private void Describe(Partition parts, int range)
    {
        for (var rank = 0; rank < Size; rank++)
            (receiveCounts[rank], receivePlaces[rank]) = ((int)parts.Count(range, rank), (int)parts.First(range, rank));
    }

    /// <summary>Sums a bucket up, on the thread for sums.</summary>
    private void Sum(Arena gradients, Partition parts, int bucket)
    {
        // A step that fails frees its gradients while the engine may still read them, if the others come late.
        var memory = ((CpuArena)gradients).Kept;
        var isHeld = false;
        try
        {
            memory.DangerousAddRef(ref isHeld);
            for (var range = parts.FirstRange(bucket); range < parts.FirstRange(bucket + 1); range++)
                SumRange(gradients, parts, range);
        }
        finally
        {
            if (isHeld)
                memory.DangerousRelease();
        }
    }

    private void SumRange(Arena gradients, Partition parts, int range)
    {
        var device = (CpuDevice)gradients.Device;
        var values = Floats(gradients);
        nint slice = Math.Max(1, SliceElements / Size), own = parts.First(range, Rank), largest = 0;
        for (var rank = 0; rank < Size; rank++)
            largest = Math.Max(largest, parts.Count(range, rank));
        received ??= NativeBuffer.OfFloats(slice * Size);
        Reserve();
        for (nint done = 0; done < largest; done += slice)
        {
            var count = Part(Rank);
            for (var rank = 0; rank < Size; rank++)
            {
                (sendCounts[rank], sendPlaces[rank]) = (Part(rank), (int)Math.Min(parts.First(range, rank) + done, parts.First(range, rank + 1)));
                (receiveCounts[rank], receivePlaces[rank]) = (count, (int)(rank * slice));
            }

            AllToAll(values, sendCounts, sendPlaces, received.Floats, receiveCounts, receivePlaces);
            device.SumInTree(received.Floats, slice, Size, values + own + done, count, alone: !sums.IsAwaited);

            int Part(int rank) => (int)Math.Clamp(parts.Count(range, rank) - done, 0, slice);
        }
    }
}
