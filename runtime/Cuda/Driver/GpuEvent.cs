using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>A point in a stream's work that another stream or the host can wait for, and that can be timed.</summary>
internal sealed class GpuEvent : GpuResource
{
    private GpuEvent(GpuContext context, CUevent handle) : base(context) => Handle = handle;

    internal CUevent Handle { get; }

    /// <summary>Creates an event.</summary>
    /// <param name="context">Where.</param>
    /// <param name="timed">Whether its time is taken; costs a little on the GPU.</param>
    public static GpuEvent Create(GpuContext context, bool timed = false)
    {
        context.MakeCurrentToCreate();
        CUevent handle = default;
        Status.Check(
            DriverAPINativeMethods.Events.cuEventCreate(ref handle, timed ? CUEventFlags.Default : CUEventFlags.DisableTiming), "cuEventCreate",
            "the creation of an event");
        return new(context, handle);
    }

    /// <summary>Waits until the work before the event is done.</summary>
    public void Synchronize(string operation)
    {
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.Events.cuEventSynchronize(Handle), "cuEventSynchronize", operation);
    }

    /// <summary>Milliseconds on the GPU since an earlier event. Both are timed, and both are done.</summary>
    public float MillisecondsSince(GpuEvent start)
    {
        Context.MakeCurrent();
        var milliseconds = 0f;
        Status.Check(
            DriverAPINativeMethods.Events.cuEventElapsedTime(ref milliseconds, start.Handle, Handle), "cuEventElapsedTime", "the reading of a time");
        return milliseconds;
    }

    /// <inheritdoc/>
    protected override void Free() => DriverAPINativeMethods.Events.cuEventDestroy_v2(Handle);
}
