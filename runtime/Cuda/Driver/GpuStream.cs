using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>
/// A queue of work for the GPU: launches, copies and fills run in the order in which they were asked for, while the host goes on. One thread
/// at a time may use it. The last argument of each call is the operator it serves, for messages. No call allocates managed memory.
/// </summary>
internal sealed unsafe class GpuStream : GpuResource
{
    /// <summary>The most arguments that a kernel may have here.</summary>
    public const int MaxArguments = 32;

    // The driver reads as many entries as the kernel has parameters; ManagedCuda's signature wants an array, so there is one for all launches.
    private readonly IntPtr[] argumentAddresses = new IntPtr[MaxArguments];

    private GpuStream(GpuContext context, CUstream handle) : base(context) => Handle = handle;

    internal CUstream Handle { get; }

    /// <summary>Whether work is being recorded into a graph instead of run.</summary>
    public bool Capturing { get; private set; }

    /// <summary>Creates a stream that does not wait for the default stream.</summary>
    public static GpuStream Create(GpuContext context)
    {
        context.MakeCurrentToCreate();
        CUstream handle = default;
        Status.Check(
            DriverAPINativeMethods.Streams.cuStreamCreate(ref handle, CUStreamFlags.NonBlocking), "cuStreamCreate", "the creation of a stream");
        return new(context, handle);
    }

    /// <summary>Launches a kernel. A grid without blocks is no work and no call.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="grid">How many blocks.</param>
    /// <param name="block">How many threads a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="arguments">As many as the kernel has parameters, each of its size.</param>
    /// <param name="operation">What the kernel is launched for; messages have it beside the kernel's name.</param>
    public void Launch(GpuKernel kernel, GridSize grid, GridSize block, int sharedBytes, ReadOnlySpan<KernelArgument> arguments, string operation)
    {
        if (grid.X == 0 || grid.Y == 0 || grid.Z == 0)
            return;
        Context.MakeCurrent();
        kernel.AllowSharedBytes(sharedBytes);
        fixed (KernelArgument* first = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
                argumentAddresses[i] = (IntPtr)(first + i);
            var status = DriverAPINativeMethods.Launch.cuLaunchKernel(
                kernel.Function, grid.X, grid.Y, grid.Z, block.X, block.Y, block.Z, (uint)sharedBytes, Handle, argumentAddresses, null);
            if (status != CUResult.Success)
                Status.Check(status, "cuLaunchKernel", Named(kernel, operation));
        }

        if (IsSynchronous)
            Synchronize(Named(kernel, operation));
    }

    /// <summary>Launches a kernel for no operator; messages name the kernel alone.</summary>
    public void Launch(GpuKernel kernel, GridSize grid, GridSize block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(kernel, grid, block, sharedBytes, arguments, "");

    /// <summary>Copies from pinned memory to the GPU.</summary>
    public void CopyToGpu(GpuAddress destination, PinnedMemory source, nint sourceByte, nint bytes, string operation)
    {
        CheckRange(source, sourceByte, bytes);
        if (bytes == 0)
            return;
        Context.MakeCurrent();
        Status.Check(
            DriverAPINativeMethods.AsynchronousMemcpy_v2.cuMemcpyHtoDAsync_v2(
                destination.Pointer, (IntPtr)((byte*)source.Pointer + sourceByte), bytes, Handle),
            "cuMemcpyHtoDAsync", operation);
    }

    /// <summary>Copies from the GPU to pinned memory, which holds the numbers once the stream has come so far.</summary>
    public void CopyToHost(PinnedMemory destination, nint destinationByte, GpuAddress source, nint bytes, string operation)
    {
        CheckRange(destination, destinationByte, bytes);
        if (bytes == 0)
            return;
        Context.MakeCurrent();
        Status.Check(
            DriverAPINativeMethods.AsynchronousMemcpy_v2.cuMemcpyDtoHAsync_v2(
                (IntPtr)((byte*)destination.Pointer + destinationByte), source.Pointer, bytes, Handle),
            "cuMemcpyDtoHAsync", operation);
    }

    /// <summary>Copies inside the GPU; the ranges do not overlap.</summary>
    public void CopyOnGpu(GpuAddress destination, GpuAddress source, nint bytes, string operation)
    {
        if (bytes == 0)
            return;
        Context.MakeCurrent();
        Status.Check(
            DriverAPINativeMethods.AsynchronousMemcpy_v2.cuMemcpyDtoDAsync_v2(destination.Pointer, source.Pointer, bytes, Handle),
            "cuMemcpyDtoDAsync", operation);
    }

    /// <summary>Sets bytes to zero.</summary>
    public void Clear(GpuAddress destination, nint bytes, string operation)
    {
        if (bytes == 0)
            return;
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.MemsetAsync.cuMemsetD8Async(destination.Pointer, 0, bytes, Handle), "cuMemsetD8Async", operation);
    }

    /// <summary>Fills <paramref name="count"/> words of 32 bits.</summary>
    public void Fill(GpuAddress destination, uint word, nint count, string operation)
    {
        if (count == 0)
            return;
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.MemsetAsync.cuMemsetD32Async(destination.Pointer, word, count, Handle), "cuMemsetD32Async", operation);
    }

    /// <summary>Marks this point of the stream.</summary>
    public void Record(GpuEvent mark, string operation)
    {
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.Events.cuEventRecord(mark.Handle, Handle), "cuEventRecord", operation);
    }

    /// <summary>Lets what follows in this stream wait for a mark in another; the host goes on.</summary>
    public void Wait(GpuEvent mark, string operation)
    {
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.Streams.cuStreamWaitEvent(Handle, mark.Handle, 0), "cuStreamWaitEvent", operation);
    }

    /// <summary>Waits until the stream's work is done.</summary>
    public void Synchronize(string operation)
    {
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.Streams.cuStreamSynchronize(Handle), "cuStreamSynchronize", operation);
    }

    /// <summary>Records what <paramref name="work"/> asks of this stream, without running it.</summary>
    /// <param name="graph">Takes the recording; a new one is made when it is null.</param>
    /// <param name="work">Calls of this stream and of a <see cref="GpuBlas"/> on it; nothing that waits or allocates.</param>
    /// <param name="operation">What is recorded, for messages.</param>
    public GpuGraph Capture(GpuGraph? graph, Action work, string operation)
    {
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.Streams.cuStreamBeginCapture(Handle, CUstreamCaptureMode.Local), "cuStreamBeginCapture", operation);
        Capturing = true;
        CUgraph recorded = default;
        var failed = true;
        try
        {
            work();
            failed = false;
        }
        finally
        {
            // A recording is ended whatever happened, or the stream would be lost.
            Capturing = false;
            var status = DriverAPINativeMethods.Streams.cuStreamEndCapture(Handle, ref recorded);
            if (failed && recorded.Pointer != 0)
                DriverAPINativeMethods.GraphManagment.cuGraphDestroy(recorded);
            if (!failed)
                Status.Check(status, "cuStreamEndCapture", operation);
        }

        return GpuGraph.Take(Context, graph, recorded, operation);
    }

    /// <summary>Runs a recording: one call for all of its work.</summary>
    public void Launch(GpuGraph graph, string operation)
    {
        Context.MakeCurrent();
        Status.Check(DriverAPINativeMethods.GraphManagment.cuGraphLaunch(graph.Handle, Handle), "cuGraphLaunch", operation);
        WaitWhenAsked(operation);
    }

    /// <summary>Whether every call waits for its work, so that an error names the work and not a later call.</summary>
    private bool IsSynchronous => Status.Synchronous && !Capturing;

    private static string Named(GpuKernel kernel, string operation) => operation.Length == 0 ? kernel.Name : $"{operation} (kernel {kernel.Name})";

    /// <inheritdoc/>
    protected override void Free() => DriverAPINativeMethods.Streams.cuStreamDestroy_v2(Handle);

    internal void WaitWhenAsked(string operation)
    {
        if (IsSynchronous)
            Synchronize(operation);
    }

    private static void CheckRange(PinnedMemory memory, nint first, nint bytes)
    {
        if (first < 0 || bytes < 0 || first > memory.Bytes - bytes)
            throw new ArgumentOutOfRangeException(nameof(bytes), $"{bytes} bytes at {first} do not lie in pinned memory of {memory.Bytes}.");
    }
}
