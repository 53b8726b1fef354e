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

    private NativeBuffer? received;
    private int[] sendCounts = [], sendPlaces = [], receiveCounts = [], receivePlaces = [];

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
    internal sealed override void ReduceScatter(Arena gradients, Partition parts)
    {
        var device = (CpuDevice)gradients.Device;
        var values = Floats(gradients);
        nint slice = Math.Max(1, SliceElements / Size), largest = parts.Largest, own = parts.First(Rank);
        Reserve();
        received ??= NativeBuffer.OfFloats(slice * Size);
        for (nint done = 0; done < largest; done += slice)
        {
            var count = Part(Rank);
            for (var rank = 0; rank < Size; rank++)
            {
                (sendCounts[rank], sendPlaces[rank]) = (Part(rank), (int)Math.Min(parts.First(rank) + done, parts.Elements));
                (receiveCounts[rank], receivePlaces[rank]) = (count, (int)(rank * slice));
            }

            AllToAll(values, sendCounts, sendPlaces, received.Floats, receiveCounts, receivePlaces);
            device.SumInTree(received.Floats, slice, Size, values + own + done, count);

            int Part(int rank) => (int)Math.Clamp(parts.Count(rank) - done, 0, slice);
        }
    }

    /// <inheritdoc/>
    internal sealed override void AllGather(Arena parameters, Partition parts)
    {
        Reserve();
        Describe(parts);
        AllGather(Floats(parameters), receiveCounts, receivePlaces);
    }

    /// <inheritdoc/>
    internal sealed override void Gather(Arena own, Arena whole, Partition parts)
    {
        Reserve();
        Describe(parts);
        if (!IsFirst)
            Array.Clear(receiveCounts);
        Array.Clear(sendCounts);
        Array.Clear(sendPlaces);
        sendCounts[0] = (int)parts.Count(Rank);
        AllToAll(Floats(own), sendCounts, sendPlaces, Floats(whole), receiveCounts, receivePlaces);
    }

    /// <inheritdoc/>
    internal sealed override void Scatter(Arena whole, Arena own, Partition parts)
    {
        Reserve();
        Describe(parts);
        receiveCounts.CopyTo(sendCounts, 0);
        receivePlaces.CopyTo(sendPlaces, 0);
        if (!IsFirst)
            Array.Clear(sendCounts);
        Array.Clear(receiveCounts);
        Array.Clear(receivePlaces);
        receiveCounts[0] = (int)parts.Count(Rank);
        AllToAll(Floats(whole), sendCounts, sendPlaces, Floats(own), receiveCounts, receivePlaces);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            received?.Dispose();
    }

    private static float* Floats(Arena arena) => ((CpuArena)arena).FloatsAt(0);

    private void Reserve()
    {
        if (sendCounts.Length == 0)
            (sendCounts, sendPlaces, receiveCounts, receivePlaces) = (new int[Size], new int[Size], new int[Size], new int[Size]);
    }

    private void Describe(Partition parts)
    {
        for (var rank = 0; rank < Size; rank++)
            (receiveCounts[rank], receivePlaces[rank]) = ((int)parts.Count(rank), (int)parts.First(rank));
    }
}
