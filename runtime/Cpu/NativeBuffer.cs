using System.Runtime.InteropServices;

namespace GptGen.Cpu;

/// <summary>
/// Zeroed memory outside the managed heap, aligned to a cache line; large buffers ask the system for huge pages. It is
/// released by <see cref="SafeHandle.Dispose()"/>, or by the finaliser when that was forgotten. A pointer keeps no
/// buffer alive: whoever uses <see cref="Floats"/> holds the buffer in a field meanwhile, or counts among the calls that its finaliser waits for.
/// </summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePages = 14; // MADV_HUGEPAGE of Linux

    private readonly void* start;
    private readonly CallsInProgress? users;

    /// <summary>Allocates.</summary>
    /// <param name="bytes">The size, at least 1 byte.</param>
    /// <param name="users">
    /// Calls that may have only the address of a buffer that nobody holds any more: while there are any, its finaliser does nothing.
    /// </param>
    /// <exception cref="OutOfMemoryException">The system refuses that much memory.</exception>
    public NativeBuffer(nint bytes, CallsInProgress? users = null)
        : base(0, ownsHandle: true)
    {
        this.users = users;
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        Bytes = bytes;

        // Zeroed by the system and aligned here: a large block then costs no memory and no time before it is touched.
        nuint alignment = (nuint)bytes >= 2 * HugePage ? HugePage : CacheLine.Bytes;
        void* block = NativeMemory.AllocZeroed(checked((nuint)bytes + alignment));
        SetHandle((nint)block);
        start = (void*)(((nuint)block + alignment - 1) & ~(alignment - 1));
        if (alignment == HugePage && OperatingSystem.IsLinux())
        {
            AskForHugePages(start, (nuint)bytes);
        }
    }

    /// <summary>The size in bytes.</summary>
    public nint Bytes { get; }

    /// <summary>The first element, at a multiple of 64 bytes.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is released.</exception>
    public float* Floats
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (float*)start;
        }
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Room for <paramref name="count"/> floats (at least one).</summary>
    public static NativeBuffer OfFloats(nint count, CallsInProgress? users = null) => new(checked(Math.Max(count, 1) * sizeof(float)), users);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing && users is { IsNone: false })
        {
            // Nobody can begin to use it any more, so that a later collection finds no user.
            GC.ReRegisterForFinalize(this);
            return;
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }

    /// <summary>Fewer page faults and misses of the address cache; without it everything works, only slower.</summary>
    private static void AskForHugePages(void* address, nuint bytes)
    {
        try
        {
            _ = Advise(address, bytes, AdviseHugePages);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Advise(void* address, nuint length, int advice);
}
