namespace GptGen.Cuda.Driver;

/// <summary>
/// Something that lives in a GPU's context and is freed at once by <see cref="Dispose"/>, or by the finalizer where that was forgotten. The
/// context stays open until the last of its resources is gone, so no order of disposal is wrong.
/// </summary>
internal abstract class GpuResource : IDisposable
{
    private int disposed;

    protected GpuResource(GpuContext context)
    {
        Context = context;
        context.Retain();
    }

    ~GpuResource() => Release();

    /// <summary>Where it lives.</summary>
    public GpuContext Context { get; }

    /// <summary>Frees it. Further calls do nothing.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Gives it back to the driver, in its context. Statuses are not checked: after a kernel's fault every call fails, and the first failure was
    /// reported.
    /// </summary>
    protected abstract void Free();

    private void Release()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        if (Context.TryMakeCurrent())
            Free();
        Context.Release();
    }
}
