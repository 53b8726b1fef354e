using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>
/// Memory of the host that the GPU copies from and to by itself, so that a copy does not hold up the thread that asked for it. Whoever uses it
/// waits for the copy before touching it.
/// </summary>
internal sealed unsafe class PinnedMemory : GpuResource
{
    private readonly IntPtr pointer;

    private PinnedMemory(GpuContext context, IntPtr pointer, nint bytes) : base(context)
    {
        this.pointer = pointer;
        Bytes = bytes;
    }

    /// <summary>Where it begins.</summary>
    public void* Pointer => (void*)pointer;

    /// <summary>Its size.</summary>
    public nint Bytes { get; }

    /// <summary>Allocates memory; of no bytes, one byte is taken.</summary>
    /// <exception cref="GptGenException">The host has not so much free.</exception>
    public static PinnedMemory Allocate(GpuContext context, nint bytes, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        context.MakeCurrentToCreate();
        IntPtr pointer = 0;
        Status.Check(
            DriverAPINativeMethods.MemoryManagement.cuMemHostAlloc(ref pointer, Math.Max(bytes, 1), CUMemHostAllocFlags.Portable), "cuMemHostAlloc",
            purpose);
        return new(context, pointer, bytes);
    }

    /// <summary>The first <paramref name="count"/> numbers.</summary>
    public Span<T> Span<T>(int count)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nint)count * sizeof(T), Bytes, nameof(count));
        return new(Pointer, count);
    }

    /// <inheritdoc/>
    protected override void Free() => DriverAPINativeMethods.MemoryManagement.cuMemFreeHost(pointer);
}
