using GptGen.Cuda.Libraries;
using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>
/// A GPU that this program works on: its primary context, which PyTorch and others in the same process share. Any thread may use it and what
/// belongs to it; one stream must not be used by two threads at once.
/// </summary>
internal sealed class GpuContext : IDisposable
{
    private static int s_lastIdentity;

    /// <summary>Which context this thread works in. An identity and not a handle: the driver reuses handles.</summary>
    [ThreadStatic]
    private static int t_current;

    private readonly int identity = Interlocked.Increment(ref s_lastIdentity);
    private readonly CUdevice device;
    private readonly CUcontext handle;
    private int references = 1;
    private int disposed;

    private GpuContext(GpuProperties properties)
    {
        Properties = properties;
        device = GpuProperties.Device(properties.Ordinal);
        Status.Check(
            DriverAPINativeMethods.ContextManagement.cuDevicePrimaryCtxRetain(ref handle, device), "cuDevicePrimaryCtxRetain",
            $"the opening of GPU {properties.Ordinal}");
    }

    ~GpuContext() => DisposeOnce();

    /// <summary>The GPU.</summary>
    public GpuProperties Properties { get; }

    /// <summary>Opens a GPU, loading CUDA's libraries first.</summary>
    /// <exception cref="GptGenException">A library or the GPU is missing, or the GPU is too old.</exception>
    public static GpuContext Open(int ordinal = 0)
    {
        CudaLibraries.Require();
        var properties = GpuProperties.Read(ordinal);
        properties.RequireSupported();
        return new(properties);
    }

    /// <summary>Free and total bytes of the GPU's memory, other programs' use included.</summary>
    public (long Free, long Total) Memory(string operation)
    {
        MakeCurrent();
        SizeT free = 0, total = 0;
        Status.Check(DriverAPINativeMethods.MemoryManagement.cuMemGetInfo_v2(ref free, ref total), "cuMemGetInfo", operation);
        return (free, total);
    }

    /// <summary>Makes this thread's calls go to this GPU. Costs one comparison when they do already.</summary>
    public void MakeCurrent()
    {
        if (t_current == identity)
            return;
        Status.Check(DriverAPINativeMethods.ContextManagement.cuCtxSetCurrent(handle), "cuCtxSetCurrent", $"the use of GPU {Properties.Ordinal}");
        t_current = identity;
    }

    /// <summary>The same before something is created: what was closed takes nothing new, though it lives on for what it has.</summary>
    /// <exception cref="ObjectDisposedException">The context was disposed of.</exception>
    public void MakeCurrentToCreate()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, this);
        MakeCurrent();
    }

    /// <summary>Waits until everything asked of the GPU is done.</summary>
    public void Synchronize(string operation)
    {
        MakeCurrent();
        Status.Check(DriverAPINativeMethods.ContextManagement.cuCtxSynchronize(), "cuCtxSynchronize", operation);
    }

    /// <summary>Closes the context once the last of its resources is disposed of.</summary>
    public void Dispose()
    {
        DisposeOnce();
        GC.SuppressFinalize(this);
    }

    internal bool TryMakeCurrent()
    {
        if (t_current != identity && DriverAPINativeMethods.ContextManagement.cuCtxSetCurrent(handle) != CUResult.Success)
            return false;
        t_current = identity;
        return true;
    }

    internal void Retain() => Interlocked.Increment(ref references);

    internal void Release()
    {
        if (Interlocked.Decrement(ref references) == 0)
            DriverAPINativeMethods.ContextManagement.cuDevicePrimaryCtxRelease(device);
    }

    private void DisposeOnce()
    {
        // Without a handle the constructor threw, and nothing was retained.
        if (Interlocked.Exchange(ref disposed, 1) == 0 && handle.Pointer != 0)
            Release();
    }
}
